"""The page on dimension and quality in Chinese."""

from __future__ import annotations

from app.text.dimensions.sentences import DimensionTexts

ZH = DimensionTexts(
    title="维度与质量",
    intro="向量可以短多少？在自己的文档和问题上量一量，再决定。换维度不用重新计算向量。",
    index_now="索引现在用：{dim} 维，{storage}；模型 {model}，完整 {full_dim} 维；{chunks} 段",
    index_now_rotated="旋转过",
    dim="{dim} 维",
    rotated="旋转",
    plain="未旋转",
    indexes={"numpy": "精确计算", "scan": "引擎逐条扫描", "hnsw": "HNSW 图"},
    ways={
        "dense": "语义（只用短向量）",
        "two-stage": "两段（短向量找，完整向量排）",
        "lexical": "关键词",
        "hybrid": "混合（搜索页的默认方式）",
    },
    reranks={"late": "逐词比对", "cross": "交叉编码器"},
    metrics={
        "nDCG@10": "nDCG@10",
        "RR@10": "MRR@10",
        "R@1": "首条命中 R@1",
        "R@10": "前十召回 R@10",
        "overlap@10": "一致度 overlap@10",
    },
    truths={
        "judged": "判断过的问题",
        "known-item": "从文档自动出的题",
        "agreement": "与完整向量的一致度（不是质量）",
    },
    sources={
        "classical_dev": "古文与今译（classical_dev）",
        "sections_dev": "技术文档的章节（sections_dev）",
        "cmrc2018_dev": "简体百科问答（cmrc2018_dev）",
        "drcd_dev": "繁体百科问答（drcd_dev）",
        "judged": "我判断过的问题",
        "known-item": "从我的文档自动出的题",
        "agreement": "与完整向量的一致度",
    },
    known_items={"sentence": "抽掉的一句话", "heading": "标题路径", "title": "文件标题"},
    list_comma="、",
    seconds="{seconds} 秒",
    minutes="{minutes} 分钟",
    new_run="新的评测",
    truth="什么算对",
    truth_choices={
        "judged": "我判断过的问题",
        "known-item": "从我的文档自动出题",
        "agreement": "与完整向量的一致度",
        "set": "自带的评测集",
    },
    truth_sentences={
        "judged": "用您在搜索页标过“相关”的问题，在自己的索引上量。最可信，但问题要够多。",
        "known-item": (
            "从自己的文档里取句子、标题或文件名当问题，看能不能找回原处；不用标注，也不用大语言模型。"
            "这样的题比人问的容易，适合比较设置，不代表真实的搜索质量。"
        ),
        "agreement": (
            "只看短向量和完整向量的前十条有多少相同。完整向量找得对不对，它不知道：这是一致度，不是质量。"
        ),
        "set": "别人的文档和人工判断过的答案；要先计算全部段落的向量，较慢。",
    },
    set_name="评测集",
    set_sentences={
        "classical_dev": "6,000 句古文，用今译去找原句；两者用字少有重合，最能看出维度的影响。",
        "sections_dev": "2,442 个技术文档的章节，用标题路径去找；章节相像，难。",
        "cmrc2018_dev": "848 段简体百科，人提的问题；容易，差别小。",
        "drcd_dev": "1,000 段繁体百科，人提的问题；容易，差别小。",
    },
    judged_so_far="已有 {questions} 个问题、{judgements} 条判断，其中 {answered} 个问题有相关的段落。",
    judged_none="还没有标过相关的段落。先到搜索页搜几个问题，在结果下面点“相关”或“不相关”。",
    known_item="用什么出题",
    needs_index="还没有索引，这一项要有自己的文档才能用。",
    dims="维度",
    dims_help="完整维度总会一起量，作为比较的基准。",
    dims_matryoshka="这个模型只训练过这些维度。",
    dims_wrong="维度要在 1 到 {full_dim} 之间：{wrong} 不行。",
    storages="每一维怎样存",
    storages_help=(
        "float32 每维 4 字节，float16 2 字节，int8 1 字节，turbo4 半字节，binary 1 位。"
        "后三种先用码粗找，再用 float16 的原向量排。"
    ),
    modes="搜索方式",
    modes_help="只看向量选“语义”，差别最明显；“混合”是搜索页实际用的，慢一些。关键词不用向量，维度对它没有影响。",
    searches="怎样找",
    searches_help=(
        "精确计算：与每一段比较，是质量的基准，没有速度。引擎逐条扫描：在 Qdrant 里，不建图。"
        "HNSW 图：近似，大库里快得多。三者并列才分得清损失从哪里来。"
    ),
    rotation="旋转",
    rotation_choice_help="没有为短向量训练过的模型，先旋转再截短损失较小；同一次里旋转前后都量。",
    rotations={"none": "不旋转", "shipped": "随程序带来的", "trained": "从我的文档学到的"},
    number_of_questions="最多用多少个问题",
    late="也量逐词比对的重排",
    late_help="在混合的基础上，慢很多。",
    distractors="加上法律条文作干扰",
    distractors_help="4,000 条法律条文混进段落里，它们不是任何问题的答案：容易的评测集会难一些。",
    settings_count="一共 {count} 种设置。",
    nothing_chosen="维度、存法、方式和找法各至少选一个。",
    start="开始评测",
    job_running={
        "evaluate": "正在评测：{subject}",
        "redimension": "正在改写索引：{subject} 维。搜索照常。",
        "rotate": "正在从文档学习旋转",
    },
    job_ended={
        "evaluate": "评测完成。",
        "redimension": "索引已改用 {subject} 维，搜索从现在起用它。",
        "rotate": "旋转已学好，可以在评测里比较，也可以用它改写索引。",
    },
    job_failed="没有做成：{error}",
    job_stopped="已停止。",
    job_broken_off="上次的任务中途断了（程序被结束或机器重启）。可以再来一次。",
    job_busy="已有一个任务在进行，请等它完成，或先停止它。",
    job_starting="正在启动…",
    steps={
        "waiting": "等另一个命令写完",
        "passages": "计算段落的向量",
        "questions": "计算问题的向量",
        "chunks": "处理段落的向量",
        "words": "处理字词",
        "rotation": "学习旋转",
        "with and without the answer": "检验“库里没有”的判断",
    },
    step_building="建索引 {what}",
    step_other="测量 {what}",
    progress="{step}：{done} / {total}",
    progress_left="这一步大约还要 {left}",
    stop="停止",
    stopping="正在停止…",
    results="结果",
    no_runs="还没有评测过。在上面选好，点“开始评测”。",
    run="评测",
    compare_with="与另一次比较",
    compare_none="不比较",
    compare_unlike="两次评测的题目或文档不同，数值不能直接相比。",
    delete="删除这次评测",
    delete_sure="确定删除",
    way="搜索方式",
    metric="指标",
    index="怎样找",
    tolerance="允许损失多少（%）",
    tolerance_help="与完整的 float32 向量相比，所选指标最多可以低百分之几。",
    run_facts=(
        "{truth} · {questions} 题 · {corpus}，{passages} 段 · 模型 {model}，完整 {full_dim} 维 · 用时 {took}"
    ),
    run_machine="{device} · {cpu}，{cores} 核 · 内存最多用到 {memory} · 随机种子 {seed}",
    verdict={
        "judged": (
            "**{setting}** 就够了：{metric} 从 {full:.3f} 变为 {value:.3f}，损失 {loss}"
            "（95 % 区间 {low} 到 {high}），在您允许的 {tolerance} 之内。"
        ),
        "known-item": (
            "在自动出的题上，**{setting}** 就够了：{metric} 从 {full:.3f} 变为 {value:.3f}，损失 {loss}"
            "（95 % 区间 {low} 到 {high}），在您允许的 {tolerance} 之内。"
        ),
        "agreement": (
            "**{setting}** 与完整向量的一致度是 {value:.3f}（完整向量自己是 {full:.3f}），低 {loss}"
            "（95 % 区间 {low} 到 {high}），在您允许的 {tolerance} 之内。"
        ),
    },
    verdict_none={
        "judged": (
            "更小的设置都超出了您允许的 {tolerance}：最接近的 **{setting}** 损失 {loss}"
            "（{metric} 从 {full:.3f} 变为 {value:.3f}，95 % 区间 {low} 到 {high}）。"
            "可以保持完整维度，或放宽允许的损失。"
        ),
        "known-item": (
            "在自动出的题上，更小的设置都超出了您允许的 {tolerance}：最接近的 **{setting}** 损失 {loss}"
            "（{metric} 从 {full:.3f} 变为 {value:.3f}，95 % 区间 {low} 到 {high}）。"
            "可以保持完整维度，或放宽允许的损失。"
        ),
        "agreement": (
            "更小的设置与完整向量的一致度都低了超过 {tolerance}：最接近的 **{setting}** 低 {loss}"
            "（从 {full:.3f} 变为 {value:.3f}，95 % 区间 {low} 到 {high}）。"
        ),
    },
    verdict_nothing_smaller="这次没有量过比完整向量更小的设置。",
    verdict_gain="负的损失是变好，多半是偶然。",
    verdict_memory=(
        "内存是完整向量的 {ratio} 分之一：一百万段要 {million}，完整的 float32 要 {full_million}。"
    ),
    verdict_speed="一次查找 {p50:.2f} 毫秒（中位数），完整向量 {full:.2f} 毫秒。",
    not_shown="这个结论没有说明的：",
    caveats={
        "few_questions": "只有 {questions} 个问题，不到 {enough} 个，区间很宽，结论可能换一批问题就变。",
        "interval_beyond": "损失的区间越过了您允许的 {tolerance}：真实的损失可能更大。再多一些问题才能确定。",
        "known_item": "题目是从文档自动出的，比人问的容易；对真实的问题，损失可能更大。",
        "agreement": "一致度只说与完整向量找到的是否相同，不说找得对不对：这不是质量。",
        "not_trained": "这个模型没有为 {dim} 维训练过；换一类文档或问题，损失可能不同。",
        "other_corpus": "评测用的是{corpus}的段落，不是您自己的文档。",
        "small_corpus": ("只有 {chunks} 段，不到 {many} 段：量化和近似查找的损失要在大库里才显出来。"),
        "not_searched": "这个设置只精确计算过，没有在引擎里搜过；近似查找还会再损失一点。",
    },
    charts="图",
    chart_quality="{metric} 随维度的变化",
    chart_pareto="{metric} 与每个向量的内存",
    chart_pareto_front="虚线上的：没有别的设置又小又好",
    chart_latency="一次查找的时间随维度的变化",
    no_latency="精确计算不在引擎里，没有查找的时间。选别的找法来看。",
    chart_quality_alt="折线图：每种存法的指标随维度的变化，带 95 % 区间；数值见明细",
    chart_pareto_alt="散点图：每个设置的指标与每个向量的字节数，标出帕累托前沿；数值见明细",
    chart_latency_alt="折线图：查找时间的 p50 和 p95 随维度的变化；数值见明细",
    png_hint="鼠标停在图上看数值；图的右上角可以下载 PNG（Download as PNG）和放大。色带是 95 % 区间。",
    axis_dim="维度",
    axis_quality="{metric}",
    axis_known_item="{metric}（自动出的题）",
    axis_agreement="一致度 overlap@10（不是质量）",
    axis_bytes="每个向量的内存（字节）",
    axis_ms="毫秒",
    legend_percentile="分位",
    legend_run="评测",
    causes="损失从哪里来",
    causes_help="截短：维度变少；量化：每一维的位数变少；近似：在引擎里找，而不是与每一段比较。负数是变好，多半是偶然。",
    cause_whole="合计",
    cause_truncation="截短",
    cause_quantization="量化",
    cause_approximate="近似",
    table="明细",
    download_csv="下载 CSV",
    download_json="下载 JSON",
    download_markdown="下载报告（Markdown）",
    column_setting="设置",
    column_way="方式",
    column_dim="维度",
    column_storage="存法",
    column_index="找法",
    column_rotated="旋转",
    column_value="数值",
    column_interval="95 % 区间",
    column_loss="损失",
    column_wins="变好的题",
    column_worse="变差的题",
    column_p_value="p 值",
    column_p50="p50 毫秒",
    column_p95="p95 毫秒",
    column_rerank_ms="重排毫秒",
    column_ram="内存字节/向量",
    column_disk="磁盘字节/向量",
    footprint="库变大以后",
    footprint_help=(
        "按公式推算，不含原文和关键词索引。内存 = 段数 ×（每个向量的码 + 图约 {graph} 字节）；"
        "磁盘再加码背后的向量，和每段 2 × {full_dim} 字节的完整向量。每个向量：{formula}。"
    ),
    footprint_chunks={1: "100 万段", 10: "1000 万段", 100: "1 亿段"},
    footprint_sizes="内存 {ram}，磁盘 {disk}",
    storage_formula="{storage} {bytes} × 维度 字节",
    storage_formula_behind="（磁盘另有 {bytes} × 维度）",
    footprint_measured="这次实测，{setting}：{chunks} 段的向量文件在磁盘上 {disk}。",
    broken="变差的题目",
    broken_setting="较小的设置",
    broken_count="{count} 题变差，其中 {lost} 题的前十条里不再有正确的段落。",
    broken_none="这个设置没有哪一题变差。",
    broken_question="看哪一题",
    broken_lost="丢失",
    broken_values="{metric}：{before:.2f} → {after:.2f}",
    open_in_search="在搜索页打开这个问题",
    not_in_index="这道题来自评测集，自己的库里不一定有答案。",
    right="正确",
    right_unlisted="两边的前十条都没有的正确段落：",
    moved_up="上升 {places}",
    moved_down="下降 {places}",
    moved_new="新进前十",
    moved_out="掉出前十",
    score="相似度 {score:.3f}",
    gone="（这一段的原文没有存下来）",
    side_by_side="并排比较",
    side_by_side_help="任何一个问题，在自己的索引里，用两种设置各找一次。",
    side_question="问题",
    side_left="左边",
    side_right="右边",
    side_ask="比较",
    side_exact="两边都与每一段精确比较，只看向量，不看字词。",
    overlap="前十条有 {count} 条相同",
    switch="切换维度",
    switch_help=(
        "用库里保存的完整向量改写索引，不重新计算向量；期间搜索照常，新的核对无误才换上。随时可以再换回来。"
    ),
    switch_dim="维度",
    switch_storage="每一维怎样存",
    switch_rotation="旋转",
    switch_button="从现在起用 {dim} 维",
    switch_same="索引现在就是这样。",
    switch_pinned=(
        "设置里写明了 `dim = {dim}`（`xunzhang.toml` 或 `XUNZHANG_DIM`）。"
        "换之前请删掉它，否则索引会被认为与设置不符。"
    ),
    rotate="旋转",
    rotate_help=(
        "没有为短向量训练过的模型，有用的信息散在所有维度里，截短就丢。旋转把最有用的方向排到前面，"
        "完整向量之间的距离一点不变。可以从自己的文档学，不用标注，在 CPU 上几分钟。"
    ),
    rotate_train="从我的文档学习旋转",
    rotate_before_after="旋转前后（float32，{way}）",
    rotate_not_measured="这次评测没有量旋转。在“新的评测”里选一种旋转，就能看到前后的差别。",
    column_before="未旋转",
    column_after="旋转",
    column_gain="差",
    report_title="维度与质量：{source}",
    report_measured="测得",
    report_verdict="结论",
)
