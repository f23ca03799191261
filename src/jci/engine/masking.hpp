// SPDX-License-Identifier: MIT
#pragma once

#include "jci/core/event.hpp"
#include "jci/core/executor.hpp"
#include "jci/results/results.hpp"
#include "jci/util/masker.hpp"

namespace jci {

/// A job's two streams on their way to observers.
class OutputMasks {
 public:
  explicit OutputMasks(const Masker& secrets) : out_(secrets), err_(secrets) {}
  MaskingStream& of(Stream stream) { return stream == Stream::out ? out_ : err_; }

 private:
  MaskingStream out_, err_;
};

// What a job wrote, of which only beginnings are kept, or what is said of it.

void mask(JobResult& result, const Masker& secrets);
void mask(results::Found& found, const Masker& secrets);

}  // namespace jci
