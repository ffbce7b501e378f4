"""What the page on dimension and quality says, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.evaluation.run_file import Index, TruthKind
from app.evaluation.verdict import Caveat
from app.jobs import Kind


@dataclass(frozen=True, slots=True)
class DimensionTexts:
    """One language. A sentence that is missing in it is an error when this module is imported."""

    title: str
    intro: str
    index_now: str
    index_now_rotated: str

    # names
    dim: str
    rotated: str
    plain: str
    indexes: Mapping[Index, str]
    ways: Mapping[str, str]
    reranks: Mapping[str, str]
    metrics: Mapping[str, str]
    truths: Mapping[TruthKind, str]
    sources: Mapping[str, str]
    known_items: Mapping[str, str]
    list_comma: str
    seconds: str
    minutes: str

    # what to measure
    new_run: str
    truth: str
    truth_choices: Mapping[str, str]
    truth_sentences: Mapping[str, str]
    set_name: str
    set_sentences: Mapping[str, str]
    judged_so_far: str
    judged_none: str
    known_item: str
    needs_index: str
    dims: str
    dims_help: str
    dims_matryoshka: str
    dims_wrong: str
    storages: str
    storages_help: str
    modes: str
    modes_help: str
    searches: str
    searches_help: str
    rotation: str
    rotation_choice_help: str
    rotations: Mapping[str, str]
    number_of_questions: str
    late: str
    late_help: str
    distractors: str
    distractors_help: str
    settings_count: str
    nothing_chosen: str
    start: str

    # the command in the background
    job_running: Mapping[Kind, str]
    job_ended: Mapping[Kind, str]
    job_failed: str
    job_stopped: str
    job_broken_off: str
    job_busy: str
    job_starting: str
    steps: Mapping[str, str]
    step_building: str
    step_other: str
    progress: str
    progress_left: str
    stop: str
    stopping: str

    # results
    results: str
    no_runs: str
    run: str
    compare_with: str
    compare_none: str
    compare_unlike: str
    delete: str
    delete_sure: str
    way: str
    metric: str
    index: str
    tolerance: str
    tolerance_help: str
    run_facts: str
    run_machine: str
    verdict: Mapping[TruthKind, str]
    verdict_none: Mapping[TruthKind, str]
    verdict_nothing_smaller: str
    verdict_gain: str
    verdict_memory: str
    verdict_speed: str
    not_shown: str
    caveats: Mapping[Caveat, str]

    # charts and table
    charts: str
    chart_quality: str
    chart_pareto: str
    chart_pareto_front: str
    chart_latency: str
    no_latency: str
    chart_quality_alt: str
    chart_pareto_alt: str
    chart_latency_alt: str
    png_hint: str
    axis_dim: str
    axis_quality: str
    axis_known_item: str
    axis_agreement: str
    axis_bytes: str
    axis_ms: str
    legend_percentile: str
    legend_run: str
    causes: str
    causes_help: str
    cause_whole: str
    cause_truncation: str
    cause_quantization: str
    cause_approximate: str
    table: str
    download_csv: str
    download_json: str
    download_markdown: str
    column_setting: str
    column_way: str
    column_dim: str
    column_storage: str
    column_index: str
    column_rotated: str
    column_value: str
    column_interval: str
    column_loss: str
    column_wins: str
    column_worse: str
    column_p_value: str
    column_p50: str
    column_p95: str
    column_rerank_ms: str
    column_ram: str
    column_disk: str
    footprint: str
    footprint_help: str
    footprint_chunks: Mapping[int, str]  # by millions
    footprint_sizes: str
    storage_formula: str
    storage_formula_behind: str
    footprint_measured: str

    # questions that break
    broken: str
    broken_setting: str
    broken_count: str
    broken_none: str
    broken_question: str
    broken_lost: str
    broken_values: str
    open_in_search: str
    not_in_index: str
    right: str
    right_unlisted: str
    moved_up: str
    moved_down: str
    moved_new: str
    moved_out: str
    score: str
    gone: str

    # side by side
    side_by_side: str
    side_by_side_help: str
    side_question: str
    side_left: str
    side_right: str
    side_ask: str
    side_exact: str
    overlap: str

    # switch and rotation
    switch: str
    switch_help: str
    switch_dim: str
    switch_storage: str
    switch_rotation: str
    switch_button: str
    switch_same: str
    switch_pinned: str
    rotate: str
    rotate_help: str
    rotate_train: str
    rotate_before_after: str
    rotate_not_measured: str
    column_before: str
    column_after: str
    column_gain: str

    # the report
    report_title: str
    report_measured: str
    report_verdict: str
