# Writes /config.js from VOXUI_* variables. Values are encoded as JSON text, and `<` too, so that none can end a script.
# A variable that is not set is left out: the console's built-in value counts. Same keys as voxbridge's console.py.
function encoded(text,    out, i, c) {
    out = ""
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == "\\" || c == "\"") out = out "\\" c
        else if (c == "<") out = out "\\u003c"
        else if (c in control) out = out control[c]
        else out = out c
    }
    return "\"" out "\""
}
function put(key, value) { fields = fields (fields == "" ? "" : ", ") "\"" key "\": " value }
function text(key, name) { if (ENVIRON[name] != "") put(key, encoded(ENVIRON[name])) }
BEGIN {
    for (i = 1; i < 32; i++) control[sprintf("%c", i)] = sprintf("\\u%04x", i)
    text("apiUrl", "VOXUI_API_URL")
    text("brandName", "VOXUI_BRAND_NAME")
    # Empty hides the line, so this one counts even when it is empty.
    if ("VOXUI_BRAND_POWERED_BY" in ENVIRON) put("poweredBy", encoded(ENVIRON["VOXUI_BRAND_POWERED_BY"]))
    text("tokenKey", "VOXUI_TOKEN_KEY")
    text("logo", "VOXUI_BRAND_LOGO")
    text("theme", "VOXUI_BRAND_THEME")
    text("primary", "VOXUI_PRIMARY_COLOR")
    text("primarySoft", "VOXUI_PRIMARY_SOFT")
    text("background", "VOXUI_BG_COLOR")
    text("aurora1", "VOXUI_AURORA_COLOR1")
    text("aurora2", "VOXUI_AURORA_COLOR2")
    if (ENVIRON["VOXUI_ADK_ENABLED"] != "")
        put("agentDesk", tolower(ENVIRON["VOXUI_ADK_ENABLED"]) ~ /^(true|1|yes|on)$/ ? "true" : "false")
    text("docsUrl", "VOXUI_DOCS_URL")
    print "window.__VOX_CONFIG__ = {" fields "};"
}
