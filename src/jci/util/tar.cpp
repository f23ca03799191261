// SPDX-License-Identifier: MIT
#include "jci/util/tar.hpp"

#include "jci/util/module.hpp"
#include "jci/util/tar_module.hpp"

namespace jci::tar {
namespace {

constinit const Module<TarModule> archive_module{"libjci_archive.so", "jci_util_tar"};

}  // namespace

std::expected<void, std::string> pack(const Parcel& parcel, int to) {
  return archive_module->pack(parcel, to);
}

std::vector<std::string> unpack(int from, const std::filesystem::path& directory) {
  return archive_module->unpack(from, directory);
}

std::optional<std::string> first_file(std::string_view archive, std::size_t max_bytes) {
  return archive_module->first_file(archive, max_bytes);
}

}  // namespace jci::tar
