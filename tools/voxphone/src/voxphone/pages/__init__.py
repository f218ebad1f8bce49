"""Reports as HTML pages that need nothing but themselves: styles and charts are inside."""

from pathlib import Path

from voxphone.load import LoadReport
from voxphone.pages.call import call_page
from voxphone.pages.load import load_page
from voxphone.recording import read_stereo
from voxphone.report import CallReport

__all__ = ["call_page", "load_page", "write_page"]


def write_page(path: Path, report: CallReport | LoadReport) -> None:
    """Write the page of a report; a call's waveform comes from its recording when there is one."""
    if isinstance(report, LoadReport):
        text = load_page(report)
    else:
        text = call_page(report, read_stereo(Path(report.recording)) if report.recording else None)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
