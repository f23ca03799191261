// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace jci::setup {

/// What a new pipeline is made of: what `jci init` finds out about a project, or takes where it finds nothing it knows.
struct ProjectKind {
  std::string name;  ///< "Python", "CMake", ...; empty where nothing is known
  std::string
      inputs;  ///< files, as a Python list, whose content decides whether the image is built again
  std::string dockerfile;  ///< the image that jobs run in
  std::string jobs;        ///< the body of `with p.stage("Check"):`, indented by eight
};

/// Looks at the files at `root`. Of several kinds the first in the order of the list in project_kind.cpp counts.
ProjectKind kind_of(const std::filesystem::path& root);

/// The text of `cicd/cicd.py` for it. `name`: of the repository.
std::string config_for(const ProjectKind& kind, const std::string& name);

}  // namespace jci::setup
