"""The page on dimension and quality in English."""

from __future__ import annotations

from app.text.dimensions.sentences import DimensionTexts

EN = DimensionTexts(
    title="Dimension and quality",
    intro=(
        "How short may vectors be? Measure it on your own documents and questions, then decide. Changing "
        "the dimension embeds nothing again."
    ),
    index_now="The index has {dim} dimensions, {storage}; model {model}, {full_dim} in full; {chunks} chunks",
    index_now_rotated="rotated",
    dim="{dim} dim",
    rotated="rotated",
    plain="plain",
    indexes={"numpy": "exact", "scan": "engine, each vector", "hnsw": "HNSW graph"},
    ways={
        "dense": "meaning (short vectors alone)",
        "two-stage": "two-stage (short finds, full ranks)",
        "lexical": "keywords",
        "hybrid": "hybrid (the search page's usual mode)",
    },
    reranks={"late": "word by word", "cross": "cross-encoder"},
    metrics={
        "nDCG@10": "nDCG@10",
        "RR@10": "MRR@10",
        "R@1": "first hit R@1",
        "R@10": "recall R@10",
        "overlap@10": "agreement overlap@10",
    },
    truths={
        "judged": "judged questions",
        "known-item": "questions made from documents (known items)",
        "agreement": "agreement with full vectors (not quality)",
    },
    sources={
        "classical_dev": "classical Chinese (classical_dev)",
        "sections_dev": "technical documentation (sections_dev)",
        "cmrc2018_dev": "simplified Wikipedia (cmrc2018_dev)",
        "drcd_dev": "traditional Wikipedia (drcd_dev)",
        "judged": "my judged questions",
        "known-item": "known items from my documents",
        "agreement": "agreement with full vectors",
    },
    known_items={"sentence": "a sentence left out", "heading": "heading path", "title": "title of the file"},
    list_comma=", ",
    seconds="{seconds} s",
    minutes="{minutes} min",
    new_run="New evaluation",
    truth="What counts as right",
    truth_choices={
        "judged": "My judged questions",
        "known-item": "Known items from my documents",
        "agreement": "Agreement with full vectors",
        "set": "A set that comes with this",
    },
    truth_sentences={
        "judged": (
            "The questions whose hits you marked in the search page, on your own index. The most to be "
            "trusted, if there are enough of them."
        ),
        "known-item": (
            "Sentences, headings or titles of your own documents as questions: is the place found again? "
            "Needs no judgements and no language model. Such questions are easier than a person's: good "
            "for comparing settings, no measure of real search quality."
        ),
        "agreement": (
            "Only how many of the first ten of short and of full vectors are the same. Whether the full "
            "vectors find what is right, it does not know: this is agreement, not quality."
        ),
        "set": "Documents of others with judged answers; all passages are embedded first, which takes time.",
    },
    set_name="Set",
    set_sentences={
        "classical_dev": (
            "6,000 classical sentences, found by their modern rendering; they share few characters, so "
            "dimension matters most here."
        ),
        "sections_dev": "2,442 sections of technical documentation, by their heading path; alike, so hard.",
        "cmrc2018_dev": "848 paragraphs of simplified Wikipedia, asked by people; easy, small differences.",
        "drcd_dev": "1,000 paragraphs of traditional Wikipedia, asked by people; easy, small differences.",
    },
    judged_so_far=(
        "{questions} questions, {judgements} judgements so far; {answered} questions have something relevant."
    ),
    judged_none=(
        "No passage is marked as relevant yet. Ask some questions in the search page, and mark the hits "
        "below as relevant or not."
    ),
    known_item="Made from",
    needs_index="There is no index yet; this needs documents of your own.",
    dims="Dimensions",
    dims_help="The full length is always measured too, to compare with.",
    dims_matryoshka="The model was trained for these only.",
    dims_wrong="A dimension is between 1 and {full_dim}: {wrong} is not.",
    storages="Storage of a component",
    storages_help=(
        "float32 takes 4 bytes a component, float16 2, int8 1, turbo4 half a byte, binary 1 bit. The last "
        "three find by codes, and rank by the float16 vectors behind them."
    ),
    modes="Modes",
    modes_help=(
        "Meaning looks at vectors alone and shows differences best; hybrid is what the search page does, and "
        "slower. Keywords use no vectors: dimension does not matter to them."
    ),
    searches="Search",
    searches_help=(
        "Exact: against each passage, the reference for quality, without times. Engine, each vector: in "
        "Qdrant without a graph. HNSW graph: approximate, far faster in large libraries. Side by side they "
        "tell where a loss comes from."
    ),
    rotation="Rotation",
    rotation_choice_help=(
        "A model that was not trained for short vectors loses less if they are rotated before they are cut; "
        "both are measured in the same run."
    ),
    rotations={"none": "None", "shipped": "Comes with the program", "trained": "Learnt from my documents"},
    number_of_questions="Most questions",
    late="Word by word reranking too",
    late_help="On top of hybrid; much slower.",
    distractors="With statutes as distractors",
    distractors_help="4,000 articles of law among the passages, which answer nothing: easy sets get harder.",
    settings_count="{count} settings.",
    nothing_chosen="Choose at least one dimension, storage, mode and search.",
    start="Start",
    job_running={
        "evaluate": "Evaluating: {subject}",
        "redimension": "Rewriting the index: {subject} dimensions. Searches go on.",
        "rotate": "Learning a rotation from the documents",
    },
    job_ended={
        "evaluate": "The evaluation is done.",
        "redimension": "The index has {subject} dimensions now, and searches use them.",
        "rotate": "The rotation is learnt: compare it in an evaluation, or rewrite the index with it.",
    },
    job_failed="It failed: {error}",
    job_stopped="Stopped.",
    job_broken_off="The last task broke off (it was killed, or the machine restarted). Start it again.",
    job_busy="A task is running; wait for it, or stop it first.",
    job_starting="Starting…",
    steps={
        "waiting": "Waiting for another command that writes",
        "passages": "Embedding passages",
        "questions": "Embedding questions",
        "chunks": "Vectors of chunks",
        "words": "Words",
        "rotation": "Learning the rotation",
        "with and without the answer": "Checking what is told of missing answers",
    },
    step_building="Building an index, {what}",
    step_other="Measuring {what}",
    progress="{step}: {done} / {total}",
    progress_left="about {left} left of this step",
    stop="Stop",
    stopping="Stopping…",
    results="Results",
    no_runs="Nothing has been evaluated yet. Choose above, and start.",
    run="Evaluation",
    compare_with="Compare with",
    compare_none="Nothing",
    compare_unlike="The two have other questions or documents: their figures can't be compared directly.",
    delete="Delete this evaluation",
    delete_sure="Delete",
    way="Mode",
    metric="Metric",
    index="Search",
    tolerance="Tolerated loss (%)",
    tolerance_help="How many per cent less than full float32 vectors the chosen metric may be.",
    run_facts=(
        "{truth} · {questions} questions · {corpus}, {passages} passages · model {model}, {full_dim} dim · "
        "took {took}"
    ),
    run_machine="{device} · {cpu}, {cores} cores · at most {memory} of memory · seed {seed}",
    verdict={
        "judged": (
            "**{setting}** will do: {metric} goes from {full:.3f} to {value:.3f}, a loss of {loss} (95 % "
            "interval {low} to {high}), within the {tolerance} that you tolerate."
        ),
        "known-item": (
            "On known items, **{setting}** will do: {metric} goes from {full:.3f} to {value:.3f}, a loss of "
            "{loss} (95 % interval {low} to {high}), within the {tolerance} that you tolerate."
        ),
        "agreement": (
            "**{setting}** agrees with full vectors by {value:.3f} (they with themselves: {full:.3f}), "
            "{loss} less (95 % interval {low} to {high}), within the {tolerance} that you tolerate."
        ),
    },
    verdict_none={
        "judged": (
            "Each smaller setting loses more than the {tolerance} that you tolerate. The nearest, "
            "**{setting}**, loses {loss} ({metric} from {full:.3f} to {value:.3f}, 95 % interval {low} to "
            "{high}). Keep the full length, or tolerate more."
        ),
        "known-item": (
            "On known items, each smaller setting loses more than the {tolerance} that you tolerate. The "
            "nearest, **{setting}**, loses {loss} ({metric} from {full:.3f} to {value:.3f}, 95 % interval "
            "{low} to {high}). Keep the full length, or tolerate more."
        ),
        "agreement": (
            "Each smaller setting agrees with full vectors by more than {tolerance} less. The nearest, "
            "**{setting}**: {loss} less (from {full:.3f} to {value:.3f}, 95 % interval {low} to {high})."
        ),
    },
    verdict_nothing_smaller="Nothing smaller than full vectors was measured in this run.",
    verdict_gain=" A negative loss is a gain, mostly by chance.",
    verdict_memory=(
        "It takes one {ratio}th of the memory: a million chunks {million}, with full float32 {full_million}."
    ),
    verdict_speed="A search takes {p50:.2f} ms (median), with full vectors {full:.2f} ms.",
    not_shown="What this does not show:",
    caveats={
        "few_questions": (
            "There are {questions} questions only, fewer than {enough}: intervals are wide, and others may "
            "tell otherwise."
        ),
        "interval_beyond": (
            "The interval of the loss reaches beyond the {tolerance} that you tolerate: the real loss may be "
            "larger. More questions would tell."
        ),
        "known_item": (
            "The questions were made from the documents, and are easier than a person's: those may lose more."
        ),
        "agreement": (
            "Agreement says whether the same is found as by full vectors, not whether it is right: this is "
            "not quality."
        ),
        "not_trained": (
            "The model was not trained for {dim} dimensions; with other documents or questions the loss may "
            "differ."
        ),
        "other_corpus": "The passages are those of {corpus}, not your own documents.",
        "small_corpus": (
            "There are {chunks} chunks only, fewer than {many}: quantization and approximate search show "
            "their losses in large libraries."
        ),
        "not_searched": (
            "This setting was only computed exactly, not searched in the engine; approximate search loses a "
            "little more."
        ),
    },
    charts="Charts",
    chart_quality="{metric} against dimension",
    chart_pareto="{metric} against memory of a vector",
    chart_pareto_front="on the dotted line: nothing is both smaller and better",
    chart_latency="Time of a search against dimension",
    no_latency="Exact search is not in the engine and has no times. Choose another search to see them.",
    chart_quality_alt="Lines: metric of each storage against dimension, with 95 % intervals; see the table",
    chart_pareto_alt="Points: metric and bytes a vector of each setting, with Pareto front; see the table",
    chart_latency_alt="Lines: p50 and p95 of a search against dimension; see the table",
    png_hint=(
        "Hover for figures; at the top right of a chart are its PNG and a larger view. Bands are 95 % "
        "intervals."
    ),
    axis_dim="dimension",
    axis_quality="{metric}",
    axis_known_item="{metric} (known items)",
    axis_agreement="agreement overlap@10 (not quality)",
    axis_bytes="memory of a vector (bytes)",
    axis_ms="ms",
    legend_percentile="percentile",
    legend_run="evaluation",
    causes="Where losses come from",
    causes_help=(
        "Truncation: fewer components; quantization: fewer bits of each; approximation: found by the engine, "
        "not by comparing with each passage. A negative one is a gain, mostly by chance."
    ),
    cause_whole="whole",
    cause_truncation="truncation",
    cause_quantization="quantization",
    cause_approximate="approximation",
    table="Table",
    download_csv="CSV",
    download_json="JSON",
    download_markdown="Report (Markdown)",
    column_setting="setting",
    column_way="mode",
    column_dim="dim",
    column_storage="storage",
    column_index="search",
    column_rotated="rotation",
    column_value="value",
    column_interval="95 % interval",
    column_loss="loss",
    column_wins="better",
    column_worse="worse",
    column_p_value="p",
    column_p50="p50 ms",
    column_p95="p95 ms",
    column_rerank_ms="rerank ms",
    column_ram="memory bytes/vector",
    column_disk="disk bytes/vector",
    footprint="In a larger library",
    footprint_help=(
        "By formula, without texts and words. Memory = chunks × (code of a vector + about {graph} bytes of "
        "graph); disk adds the vectors behind the codes, and 2 × {full_dim} bytes of full vector a chunk. A "
        "vector: {formula}."
    ),
    footprint_chunks={1: "1 M chunks", 10: "10 M chunks", 100: "100 M chunks"},
    footprint_sizes="memory {ram}, disk {disk}",
    storage_formula="{storage} {bytes} × dim bytes",
    storage_formula_behind=" (and {bytes} × dim on disk)",
    footprint_measured="Measured, {setting}: the vectors' files of {chunks} chunks take {disk} of disk.",
    broken="Questions that break",
    broken_setting="Smaller setting",
    broken_count="{count} questions are answered worse; {lost} have nothing right in the first ten any more.",
    broken_none="No question is answered worse with this setting.",
    broken_question="Question",
    broken_lost="lost",
    broken_values="{metric}: {before:.2f} → {after:.2f}",
    open_in_search="Open this question in the search page",
    not_in_index="The question is of a set: your own library may have no answer to it.",
    right="right",
    right_unlisted="Right, and among the first ten of neither: ",
    moved_up="up {places}",
    moved_down="down {places}",
    moved_new="new among ten",
    moved_out="dropped out",
    score="similarity {score:.3f}",
    gone="(the text of this passage was not kept)",
    side_by_side="Side by side",
    side_by_side_help="Any question, in your own index, once with each of two settings. ",
    side_question="Question",
    side_left="Left",
    side_right="Right",
    side_ask="Compare",
    side_exact="Both compare with each passage exactly, by vectors alone.",
    overlap="{count} of the first ten are the same",
    switch="Switch",
    switch_help=(
        "Rewrites the index from the full vectors that it keeps: nothing is embedded again, searches go on, "
        "and the new ones are verified before they are used. You can switch back at any time."
    ),
    switch_dim="Dimension",
    switch_storage="Storage of a component",
    switch_rotation="Rotation",
    switch_button="Use {dim} dimensions from now on",
    switch_same="This is what the index has now.",
    switch_pinned=(
        "The settings say `dim = {dim}` (`xunzhang.toml` or `XUNZHANG_DIM`). Remove that before you switch, "
        "or the index will be taken for one that does not match them."
    ),
    rotate="Rotation",
    rotate_help=(
        "A model that was not trained for short vectors spreads what it knows over all its components, and "
        "cutting loses it. A rotation puts the most useful directions first and leaves distances of full "
        "vectors as they are. It can be learnt from your documents, without judgements, in minutes on a CPU."
    ),
    rotate_train="Learn a rotation from my documents",
    rotate_before_after="Before and after (float32, {way})",
    rotate_not_measured="This run measured no rotation. Choose one in a new evaluation to see its effect.",
    column_before="plain",
    column_after="rotated",
    column_gain="difference",
    report_title="Dimension and quality: {source}",
    report_measured="Measured",
    report_verdict="Verdict",
)
