"""The summary behind every cut-line figure of a track: the total, and each subject jointly with it.

Observation only (see the package): what is finished from it is never scored, rewarded or handed down as a quota.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from shared.scoring.conversion.tracks import TrackSheet
from shared.scoring.levels import KEY_COLUMNS, index_groups, keys_at
from shared.scoring.subjects import TOTAL
from shared.scoring.summaries.group_counts import GroupCounts
from shared.scoring.summaries.joint_histogram import JointHistogram, gather_joint_histogram, merge_joint_histograms
from shared.scoring.summaries.mark_histogram import MarkHistogram, gather_histogram, merge_histograms
from shared.terms.organization import OrgLevel


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """Counts of one track by class; parts are added and taken away without loss.

    Args:
        track: the track.
        total: histogram of the total, with the statuses of those who have none.
        joints: per subject how often each pair of subject mark (``intake``) and total (``outcome``) occurs, over the
            candidates who have both.
    """

    track: str
    total: MarkHistogram
    joints: Mapping[str, JointHistogram]

    def __add__(self, other: TrackSummary) -> TrackSummary:
        return merge_tracks([self, other])

    def __sub__(self, other: TrackSummary) -> TrackSummary:
        return TrackSummary(
            self.track,
            self.total - other.total,
            {code: joint - other.joints[code] for code, joint in self.joints.items()},
        )


def gather_track(part: TrackSheet) -> TrackSummary:
    """Counts one partition of a track in one pass per subject."""
    frame = part.sheet.frame
    keys, index = index_groups(part.sheet.keys)
    total = gather_histogram(keys, index, frame[TOTAL], subject=part.total)
    joints = {}
    for subject in part.subjects:
        both = frame.filter((pl.col(subject.code) >= 0) & (pl.col(TOTAL) >= 0))
        classes, position = index_groups(both.select(KEY_COLUMNS))
        joints[subject.code] = gather_joint_histogram(
            classes, position, intake=(subject, both[subject.code]), outcome=(part.total, both[TOTAL])
        )
    return TrackSummary(part.track, total, joints)


def merge_tracks(parts: Sequence[TrackSummary]) -> TrackSummary:
    """Adds summaries of one track; their order does not matter."""
    return TrackSummary(
        parts[0].track,
        merge_histograms([part.total for part in parts]),
        {code: merge_joint_histograms([part.joints[code] for part in parts]) for code in parts[0].joints},
    )


def at_level(counts: GroupCounts, level: OrgLevel) -> GroupCounts:
    """Counts by class rolled up to a level."""
    return counts.roll_up(keys_at(counts.keys, level))
