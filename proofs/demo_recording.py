"""Writes what a terminal showed as one animated SVG: every frame is a group, shown in its turn."""

import io
from collections.abc import Sequence
from html import escape
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import SVG_EXPORT_THEME

_CELL_WIDTH = 8.4
_LINE_HEIGHT = 18
_MARGIN = 14
_LAST_FRAME_SECONDS = 6
_FONTS = "Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_STYLE = """
text {{ white-space: pre }}
.frame {{ visibility: hidden; animation: turn {duration}s step-end infinite }}
.last {{ visibility: visible; animation-name: last }}
@keyframes turn {{ 0% {{ visibility: visible }} {shown:.4f}% {{ visibility: hidden }} }}
@keyframes last {{ 0% {{ visibility: visible }} {last_shown:.4f}% {{ visibility: hidden }} }}
@media (prefers-reduced-motion) {{ .frame {{ animation: none }} }}
"""


def write_recording(frames: Sequence[RenderableType], path: Path, *, width: int, seconds_per_frame: float) -> None:
    """Write the frames to `path`. Where nothing moves, the last one is seen."""
    duration = (len(frames) - 1) * seconds_per_frame + _LAST_FRAME_SECONDS
    console = Console(width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    pictures = [console.render_lines(frame, pad=False) for frame in frames]
    pixels = (round(width * _CELL_WIDTH) + 2 * _MARGIN, max(map(len, pictures)) * _LINE_HEIGHT + 2 * _MARGIN)
    style = _STYLE.format(
        duration=duration,
        shown=100 * seconds_per_frame / duration,
        last_shown=100 * _LAST_FRAME_SECONDS / duration,
    )
    groups = []
    for number, lines in enumerate(pictures):
        kind = "frame last" if number == len(frames) - 1 else "frame"
        # A negative delay: its turn comes round the same way in every repetition, the first included.
        delay = number * seconds_per_frame - duration
        groups.append(f'<g class="{kind}" style="animation-delay:{delay:g}s">{_picture(lines)}</g>')
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {pixels[0]} {pixels[1]}" width="{pixels[0]}">'
        f"<style>{style}</style>"
        f'<rect width="100%" height="100%" rx="8" fill="{SVG_EXPORT_THEME.background_color.hex}"/>'
        f'<g font-family="{_FONTS}" font-size="14" fill="{SVG_EXPORT_THEME.foreground_color.hex}">'
        f"{''.join(groups)}</g></svg>\n"
    )


def _picture(lines: list[list[Segment]]) -> str:
    return "".join(_line(number, segments) for number, segments in enumerate(lines))


def _line(number: int, segments: list[Segment]) -> str:
    """One text per style. Its length is given, so that columns stay straight in whatever font there is."""
    y = _MARGIN + (number + 0.8) * _LINE_HEIGHT
    texts, cells = [], 0
    for segment in Segment.simplify(segments):
        if text := segment.text.strip():
            indent = len(segment.text) - len(segment.text.lstrip())
            x, length = _MARGIN + (cells + indent) * _CELL_WIDTH, cell_len(text) * _CELL_WIDTH
            place = f'x="{x:.5g}" y="{y:g}" textLength="{length:.5g}"'
            texts.append(f"<text {place}{_looks(segment.style)}>{escape(text, quote=False)}</text>")
        cells += segment.cell_length
    return "".join(texts)


def _looks(style: Style | None) -> str:
    looks = []
    if style and style.color:
        looks.append(f' fill="{style.color.get_truecolor(SVG_EXPORT_THEME).hex}"')
    if style and style.bold:
        looks.append(' font-weight="bold"')
    if style and style.dim:
        looks.append(' fill-opacity=".5"')
    return "".join(looks)
