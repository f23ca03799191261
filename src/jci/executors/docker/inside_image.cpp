// SPDX-License-Identifier: MIT
#include "jci/executors/docker/inside_image.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "jci/util/files.hpp"
#include "jci/util/module.hpp"

namespace jci::docker {
namespace {

constexpr const char* k_repository = "jaypore-ci-inside";

constexpr std::size_t k_id_digits = 16;

std::string read(const char* name) {
  const std::filesystem::path path = package_directory() / name;
  std::string bytes = contents_of(path);
  if (bytes.empty())
    throw std::runtime_error(
        fmt::format("`{}` is missing: install Jaypore CI again", path.native()));
  return bytes;
}

}  // namespace

Awaitable<Answer<std::string>> ensure_inside_image(Client& client) {
  const std::string name =
      fmt::format("{}:{}", k_repository, read("inside.sha256").substr(0, k_id_digits));
  const auto found = co_await client.inspect_image(name);
  if (found) co_return name;
  if (!found.error().is_not_found()) co_return std::unexpected(found.error());
  // All of it as the repository: Podman does not look at the tag.
  const ImportRequest request{
      .repository = name, .tag = {}, .changes = {fmt::format("CMD [\"{}\"]", k_inside_program)}};
  const auto imported = co_await client.import_image(request, read("inside.tar"));
  if (!imported) co_return std::unexpected(imported.error());
  co_return name;
}

}  // namespace jci::docker
