// SPDX-License-Identifier: MIT
#include "jci/workspace/workspace.hpp"

#include <fcntl.h>

#include <utility>

#include "jci/util/module.hpp"
#include "jci/workspace/workspace_module.hpp"

namespace jci {
namespace {

constinit const Module<workspace::WorkspaceModule> git{"libjci_git.so", "jci_workspace"};

}  // namespace

Workspace::Workspace(std::filesystem::path path, std::string tree, Fd lock)
    : path_(std::move(path)), tree_(std::move(tree)), lock_(std::move(lock)) {}

Workspace Workspace::adopt(std::filesystem::path path, int lock_fd) {
  fcntl(lock_fd, F_SETFD, FD_CLOEXEC);
  return {std::move(path), {}, Fd(lock_fd)};
}

Workspace prepare_commit(const Repo& repo, const std::filesystem::path& cache) {
  return git->prepare_commit(repo, cache);
}

Workspace prepare_dirty(const Repo& repo, const std::filesystem::path& cache) {
  return git->prepare_dirty(repo, cache);
}

}  // namespace jci
