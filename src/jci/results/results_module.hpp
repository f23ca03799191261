// SPDX-License-Identifier: MIT
#pragma once

#include "jci/results/results.hpp"

namespace jci::results {

/// What libjci_results.so, which brings an XML parser, is loaded for.
struct ResultsModule {
  TestResults (*junit)(std::string_view xml);
  Lines (*cobertura)(std::string_view xml);
};

}  // namespace jci::results

extern "C" const jci::results::ResultsModule jci_results;
