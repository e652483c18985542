"""Makes the fonts in this folder anew: ``python make.py`` (Debian's fonts-noto-core, fonts-noto-cjk; fonttools).

Run when a script is added. It writes the subsets and ``coverage.txt``, the code points that they hold together.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
NOTO = "/usr/share/fonts/truetype/noto"
CJK = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
SIMPLIFIED = 2  # its place in the collection
LATIN = (
    "U+0020-007E,U+00A0-02FF,U+0300-036F,U+0370-03FF,U+0400-052F,U+1E00-1EFF,U+200B,U+2010-2027,U+2030-205E,"
    "U+2070-209F,U+20A0-20BF,U+2100-214F,U+2212"
)
ARABIC = "U+0600-06FF,U+0750-077F,U+200C-200D,U+FB50-FDFF,U+FE70-FEFC"
CHINESE = "U+3000-303F,U+FF01-FF5E,U+25A1"


def gb2312() -> str:
    """The 6,763 characters of both levels of GB 2312."""
    rows = ((high, low) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    return "".join(bytes(pair).decode("gb2312", "ignore") for pair in rows)


def subset(source: str, target: str, unicodes: str, *more: str) -> None:
    """One file with the glyphs wanted and what their shaping needs."""
    words = [
        "pyftsubset",
        source,
        f"--unicodes={unicodes}",
        f"--output-file={HERE / target}",
        "--no-hinting",
    ]
    subprocess.run([*words, *more], check=True)


def main() -> None:
    """Writes all."""
    for weight in ("Regular", "Bold"):
        for family, wanted in (("NotoSans", LATIN), ("NotoNaskhArabic", ARABIC)):
            subset(f"{NOTO}/{family}-{weight}.ttf", f"{family}-{weight}.ttf", wanted)
    subset(
        CJK,
        "NotoSansCJKsc-Regular.otf",
        CHINESE,
        f"--text={gb2312()}",
        f"--font-number={SIMPLIFIED}",
        "--desubroutinize",
        "--layout-features=",
    )
    held: set[int] = set()
    for font in sorted(HERE.glob("*.?tf")):
        words = ["fc-query", "--format", "%{charset}", str(font)]
        for part in subprocess.run(words, check=True, capture_output=True, text=True).stdout.split():
            first, _, last = part.partition("-")
            held |= set(range(int(first, 16), int(last or first, 16) + 1))
    starts = [c for c in sorted(held) if c - 1 not in held]
    ends = [c for c in sorted(held) if c + 1 not in held]
    lines = [f"{a:04X}-{b:04X}" for a, b in zip(starts, ends, strict=True)]
    (HERE / "coverage.txt").write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
