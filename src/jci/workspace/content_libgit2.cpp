// SPDX-License-Identifier: MIT
#include "jci/workspace/content_libgit2.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <git2/sys/repository.h>
#include <iconv.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "jci/util/fd.hpp"

namespace jci::workspace {
namespace {

git_oid to_oid(const BlobId& id) {
  git_oid oid;
  git::check(git_oid_fromraw(&oid, id.data()));
  return oid;
}

// --- A user's file, mapped: it may be larger than the memory ---

class MappedFile {
 public:
  MappedFile() = default;
  explicit MappedFile(const std::string& path) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    struct stat st;
    if (!fd || ::fstat(fd.get(), &st) != 0)
      throw std::system_error(errno, std::generic_category(), "read `" + path + "`");
    size_ = static_cast<std::size_t>(st.st_size);
    if (size_ == 0) return;
    data_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (data_ == MAP_FAILED)
      throw std::system_error(errno, std::generic_category(), "read `" + path + "`");
  }
  MappedFile(MappedFile&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~MappedFile() {
    if (data_ != nullptr) ::munmap(data_, size_);
  }
  std::string_view bytes() const { return {static_cast<const char*>(data_), size_}; }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

// --- Encodings (`working-tree-encoding`), which libgit2 does not know ---

struct CloseIconv {
  void operator()(void* handle) const { ::iconv_close(handle); }
};

/// Nothing where the encoding is unknown or cannot express the text: git then leaves the file as it is stored.
std::optional<std::string> encode(std::string_view text, const std::string& encoding) {
  // A mark at the start of little-endian text is git's own addition to the names that iconv knows.
  const bool marked = encoding == "UTF-16LE-BOM";
  iconv_t raw = ::iconv_open(marked ? "UTF-16LE" : encoding.c_str(), "UTF-8");
  if (raw == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
  const std::unique_ptr<void, CloseIconv> converter(raw);

  std::string result(4 * text.size() + 16, '\0');
  char* in = const_cast<char*>(text.data());
  std::size_t in_left = text.size();
  char* out = result.data();
  std::size_t out_left = result.size();
  if (::iconv(raw, &in, &in_left, &out, &out_left) == static_cast<std::size_t>(-1))
    return std::nullopt;
  if (::iconv(raw, nullptr, nullptr, &out, &out_left) == static_cast<std::size_t>(-1))
    return std::nullopt;
  result.resize(result.size() - out_left);
  return marked ? "\xff\xfe" + result : result;
}

class GitContent : public Content {
 public:
  explicit GitContent(const ContentOptions& options)
      : options_(options),
        repository_(git::make<git::Repository>(git_repository_open_bare, options.git_dir.c_str())),
        odb_(git::make<git::Odb>(git_repository_odb, repository_.get())) {
    // Attributes are looked for in the working tree and the index, unless there are none.
    if (options.commit)
      git::check(
          git_repository_set_index(repository_.get(), git::make<git::Index>(git_index_new).get()));
    else if (!options.work_tree.empty())
      git::check(git_repository_set_workdir(repository_.get(), options.work_tree.c_str(), 0));
  }

  std::string_view bytes_of(const Entry& entry) override {
    try {
      if (entry.from_worktree) return bytes_of_file(entry);
      if (options_.filters && entry.kind != Kind::link) return filtered(entry);
      return bytes_of_blob(entry);
    } catch (const git::Error& error) {
      throw TriggerFailed(
          fmt::format("cannot read `{}` from the git repository `{}`: {}. `git fsck` may tell more",
                      entry.path, options_.git_dir, error.what()));
    }
  }

 private:
  std::string_view bytes_of_file(const Entry& entry) {
    const auto path = options_.work_tree + entry.path;
    if (entry.kind == Kind::link) return text_ = std::filesystem::read_symlink(path).string();
    file_ = MappedFile(path);
    return file_.bytes();
  }

  std::string_view bytes_of_blob(const Entry& entry) {
    const git_oid oid = to_oid(entry.blob);
    object_ = git::make<git::OdbObject>(git_odb_read, odb_.get(), &oid);
    return {static_cast<const char*>(git_odb_object_data(object_.get())),
            git_odb_object_size(object_.get())};
  }

  std::string_view filtered(const Entry& entry) {
    const git_oid oid = to_oid(entry.blob);
    const auto blob = git::make<git::Blob>(git_blob_lookup, repository_.get(), &oid);
    git_filter_list* raw = nullptr;
    git_filter_options filter_options = GIT_FILTER_OPTIONS_INIT;
    if (options_.commit) {
      filter_options.flags = GIT_FILTER_ATTRIBUTES_FROM_COMMIT;
      filter_options.attr_commit_id = *options_.commit;
    }
    git::check(git_filter_list_load_ext(&raw, repository_.get(), blob.get(), entry.path.c_str(),
                                        GIT_FILTER_TO_WORKTREE, &filter_options));
    const git::FilterList filters(raw);
    git::Buffer result;
    git::check(git_filter_list_apply_to_blob(&result, raw, blob.get()));
    text_.assign(result.ptr, result.size);
    if (auto encoded = encode(text_, encoding_of(entry))) text_ = std::move(*encoded);
    return text_;
  }

  std::string encoding_of(const Entry& entry) {
    git_attr_options attr_options = GIT_ATTR_OPTIONS_INIT;
    if (options_.commit) {
      attr_options.flags = GIT_ATTR_CHECK_INCLUDE_COMMIT;
      attr_options.attr_commit_id = *options_.commit;
    }
    const char* value = nullptr;
    git::check(git_attr_get_ext(&value, repository_.get(), &attr_options, entry.path.c_str(),
                                "working-tree-encoding"));
    return git_attr_value(value) == GIT_ATTR_VALUE_STRING ? value : "UTF-8";
  }

  ContentOptions options_;
  git::Repository repository_;
  git::Odb odb_;
  git::OdbObject object_;
  MappedFile file_;
  std::string text_;
};

}  // namespace

std::unique_ptr<Content> make_content(const ContentOptions& options) {
  return std::make_unique<GitContent>(options);
}

}  // namespace jci::workspace
