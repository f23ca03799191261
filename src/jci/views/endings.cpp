// SPDX-License-Identifier: MIT
#include "jci/views/endings.hpp"

#include <fmt/format.h>

#include <vector>

#include "jci/util/text.hpp"

namespace jci {

std::string Endings::tell(const JobFinished& ended) {
  const auto& [job, state, at] = ended;
  ++counts_[static_cast<std::size_t>(state.status)];
  if (!is_bad(state.status)) return {};
  std::vector<std::string> parents;
  for (const auto id : job.depends_on) parents.push_back(pipeline_->jobs()[id].name);
  const auto why_skipped = blame_.tell(job.stage, job.name, state.status, parents);
  if (state.status == Status::skipped) return why_skipped;
  return state.outcome ? sanitize_line(describe(*state.outcome)) : "";
}

std::string Endings::summary() const {
  std::string text;
  for (const auto status :
       {Status::passed, Status::failed, Status::timeout, Status::cancelled, Status::skipped}) {
    if (count(status) == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count(status), in_words(status));
  }
  return text;
}

}  // namespace jci
