// SPDX-License-Identifier: MIT
// Whatever bytes come, the parsers neither crash nor change their minds: an input's first byte chooses the parser, its second one where a stream
// is cut in two.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/errors.hpp"
#include "jci/executors/docker/answers.hpp"
#include "jci/executors/docker/frames.hpp"
#include "jci/executors/docker/image.hpp"
#include "jci/executors/docker/timestamp.hpp"
#include "jci/results/lcov.hpp"
#include "jci/results/results_module.hpp"
#include "jci/run/options.hpp"

namespace {

using namespace jci;

void must(bool holds) {
  if (!holds) std::abort();
}

// --- the engine's streams: where they are cut makes no difference ---

struct Told {
  std::string out;
  std::string err;
  std::optional<docker::FrameError::Kind> error = std::nullopt;
  bool operator==(const Told&) const = default;
};

Told decode(const std::vector<std::string_view>& pieces) {
  docker::FrameDecoder decoder;
  Told told;
  const docker::OutputSink sink = [&](Stream stream, std::string_view bytes) {
    (stream == Stream::out ? told.out : told.err) += bytes;
  };
  for (const std::string_view piece : pieces) {
    std::string bytes(piece);
    const auto taken = decoder.take(bytes, sink);
    if (!taken) told.error = taken.error().kind;
    if (told.error) return told;
  }
  if (const auto ended = decoder.finish(); !ended) told.error = ended.error().kind;
  return told;
}

/// The keys of each. (The library rounds numbers of a hundred digits by where they are cut.)
std::vector<std::string> objects(const std::vector<std::string_view>& pieces) {
  docker::JsonStream stream;
  std::vector<std::string> found;
  for (const std::string_view piece : pieces) {
    const auto taken = stream.take(piece);
    while (const auto object = stream.next()) {
      std::string& keys = found.emplace_back();
      for (const auto& field : *object) keys.append(field.key()).push_back('\n');
    }
    if (!taken) break;
  }
  return found;
}

// --- texts ---

void image(std::string_view text) {
  const auto name = docker::parse_image(text);
  if (!name || !name->id.empty()) return;
  const std::string whole =
      name->pull_name() + (name->digest.empty() ? ":" : "@") + name->pull_tag();
  const auto again = docker::parse_image(whole);
  must(again && again->pull_name() == name->pull_name() && again->pull_tag() == name->pull_tag());
}

void timestamps(std::string_view first, std::string_view second) {
  const bool both = docker::read_timestamp(first) && docker::read_timestamp(second);
  const auto time = docker::between(first, second);
  must(!time || (both && time->count() >= 0));
}

void options(std::string_view text) {
  try {
    const run::Options options = run::Options::from_json(text);
    must(run::Options::from_json(options.to_json()) == options);
  } catch (const BadConfig&) {
    // Said so: that is all it may do.
  }
}

// --- files of results, which jobs write ---

/// Reads it, or says what is wrong with it.
template <class Parse>
void results_of(const Parse& parse, std::string_view text) {
  try {
    parse(text);
  } catch (const std::runtime_error&) {
  }
}

void junit(std::string_view text) {
  const TestResults found = jci_results.junit(text);
  must(found.failures.size() <= TestResults::k_shown_failures);
  must(found.failures.size() <= found.failed && found.took.count() >= 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t cut = text.empty() ? 0 : data[1] % text.size();
  const std::string_view first = text.substr(0, cut);
  const std::string_view second = text.substr(cut);
  switch (data[0] % 8) {
    case 0:
      must(decode({text}) == decode({first, second}));
      break;
    case 1:
      must(objects({text}) == objects({first, second}));
      break;
    case 2:
      image(text);
      break;
    case 3:
      timestamps(first, second);
      break;
    case 4:
      options(text);
      break;
    case 5:
      results_of(results::parse_lcov, text);
      break;
    case 6:
      results_of(junit, text);
      break;
    default:
      results_of(jci_results.cobertura, text);
  }
  return 0;
}
