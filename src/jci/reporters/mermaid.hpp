// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "jci/core/view.hpp"

namespace jci::report {

/// The pipeline as a flowchart of Mermaid 10 and later (https://mermaid.js.org/syntax/flowchart.html): a subgraph per stage that has
/// jobs, a box per job, coloured by its status, an arrow from each parent to its child and from each stage to the next. Names are
/// labels only. Nothing where there is nothing to draw, or more than the services' copies of Mermaid draw: 500 arrows, 50,000
/// characters; or than anyone could read: 150 jobs.
///
///     flowchart LR
///       subgraph s0["Pipeline"]
///         direction LR
///         j0["#10004; Black"]
///         j1["#10006; PyTest"]
///       end
///       classDef passed fill:#1a7f37,stroke:#1a7f37,color:#fff
///       class j0 passed
///
std::string mermaid_graph(const PipelineView& view);

}  // namespace jci::report
