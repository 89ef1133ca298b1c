from pathlib import Path
RESULTS = Path(__file__).parent.parent / "exam.md"
def verdicts(clock): return []
def page(files, clock, memory, topology):
    print({k: v >> 20 for k, v in memory.peaks.items()})
    return ""
