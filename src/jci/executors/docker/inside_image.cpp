// SPDX-License-Identifier: MIT
#include "jci/executors/docker/inside_image.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "jci/util/hash.hpp"
#include "jci/util/module.hpp"

namespace jci::docker {
namespace {

constexpr const char* k_repository = "jaypore-ci-inside";

std::string read_tar() {
  const std::filesystem::path path = package_directory() / "inside.tar";
  std::ifstream file(path, std::ios::binary);
  std::string tar{std::istreambuf_iterator<char>(file), {}};
  if (tar.empty())
    throw std::runtime_error(
        fmt::format("`{}` is missing: install Jaypore CI again", path.native()));
  return tar;
}

}  // namespace

Awaitable<Answer<std::string>> ensure_inside_image(Client& client) {
  const std::string tar = read_tar();
  const std::string name = fmt::format("{}:{:016x}", k_repository, stable_hash(tar));
  // All of it as the repository: Podman does not look at the tag.
  const ImportRequest request{
      .repository = name, .tag = {}, .changes = {fmt::format("CMD [\"{}\"]", k_inside_program)}};
  const auto found = co_await client.inspect_image(name);
  if (found) co_return name;
  if (!found.error().is_not_found()) co_return std::unexpected(found.error());
  const auto imported = co_await client.import_image(request, tar);
  if (!imported) co_return std::unexpected(imported.error());
  co_return name;
}

}  // namespace jci::docker
