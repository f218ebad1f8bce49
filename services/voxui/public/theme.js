// Before the first paint, so that a dark screen never flashes white. `src/lib/theme.ts` writes the same keys.
(function () {
  var root = document.documentElement;
  var theme = null;
  var density = null;
  try {
    theme = localStorage.getItem('vox_theme');
    density = localStorage.getItem('vox_density');
  } catch (_) {
    // Storage may be blocked: the system's choice counts.
  }
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.classList.toggle('dark', dark);
  root.dataset.density = density === 'compact' ? 'compact' : 'comfortable';
})();
