#include "tools/output_file.h"

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <zlib.h>

namespace freshet::tools {
namespace {

core::Error WriteError(const std::string& path, int code) {
  return core::IoError(path + ": " + std::generic_category().message(code));
}

class PlainFile final : public OutputFile {
 public:
  PlainFile(std::string path, std::FILE* file, bool close)
      : path_(std::move(path)), file_(file), close_(close) {}
  ~PlainFile() override { Release(); }
  PlainFile(const PlainFile&) = delete;
  PlainFile& operator=(const PlainFile&) = delete;

  core::Status Write(std::string_view bytes) override {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size()) return {};
    return WriteError(path_, errno);
  }

  core::Status Close() override {
    const bool flushed = std::fflush(file_) == 0;
    const int code = errno;
    const bool closed = Release();
    return flushed && closed ? core::Status() : WriteError(path_, flushed ? errno : code);
  }

 private:
  bool Release() {
    std::FILE* file = std::exchange(file_, nullptr);
    return file == nullptr || !close_ || std::fclose(file) == 0;
  }

  std::string path_;
  std::FILE* file_;
  bool close_;  // standard output is not ours to close
};

class GzipFile final : public OutputFile {
 public:
  GzipFile(std::string path, gzFile file) : path_(std::move(path)), file_(file) {}
  ~GzipFile() override {
    if (file_ != nullptr) gzclose(file_);
  }
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;

  core::Status Write(std::string_view bytes) override {
    if (bytes.empty()) return {};
    if (gzwrite(file_, bytes.data(), static_cast<unsigned>(bytes.size())) > 0) return {};
    return WriteError(path_, errno);
  }

  core::Status Close() override {
    if (gzclose(std::exchange(file_, nullptr)) == Z_OK) return {};
    return WriteError(path_, errno);
  }

 private:
  std::string path_;
  gzFile file_;
};

}  // namespace

core::Result<std::unique_ptr<OutputFile>> OutputFile::Create(const std::string& path) {
  if (path == "-") {
    return std::unique_ptr<OutputFile>(
        std::make_unique<PlainFile>("standard output", stdout, false));
  }
  if (path.ends_with(".gz")) {
    gzFile file = gzopen(path.c_str(), "wb");
    if (file == nullptr) return WriteError(path, errno);
    return std::unique_ptr<OutputFile>(std::make_unique<GzipFile>(path, file));
  }
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return WriteError(path, errno);
  return std::unique_ptr<OutputFile>(std::make_unique<PlainFile>(path, file, true));
}

}  // namespace freshet::tools
