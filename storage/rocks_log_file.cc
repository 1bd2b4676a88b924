#include "storage/rocks_log_file.h"

#include <array>
#include <chrono>
#include <cstring>
#include <utility>

namespace freshet::storage {
namespace {

constexpr std::size_t kMaximumBytes = 1 << 20;
constexpr std::size_t kMaximumLine = 1024;  // the rest of a line is cut

}  // namespace

RocksLogFile::RocksLogFile(std::string path) : Logger(rocksdb::WARN_LEVEL), path_(std::move(path)) {
  Open();
}

RocksLogFile::~RocksLogFile() {
  if (file_ != nullptr) std::fclose(file_);
}

void RocksLogFile::Open() {
  file_ = std::fopen(path_.c_str(), "ae");
  const long size = file_ != nullptr ? std::ftell(file_) : 0;
  bytes_ = size > 0 ? static_cast<std::size_t>(size) : 0;
}

void RocksLogFile::Logv(const char* format, std::va_list arguments) {
  std::array<char, kMaximumLine> line{};
  if (std::vsnprintf(line.data(), line.size(), format, arguments) < 0) return;
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  const std::lock_guard lock(mutex_);
  if (std::strstr(line.data(), ": dropping ") != nullptr) dropped_ = line.data();
  if (file_ != nullptr && bytes_ >= kMaximumBytes) {
    std::fclose(file_);
    std::rename(path_.c_str(), (path_ + ".old").c_str());
    Open();
  }
  if (file_ == nullptr) return;
  const int written =
      std::fprintf(file_, "%lld %s\n", static_cast<long long>(now.count()), line.data());
  std::fflush(file_);
  if (written > 0) bytes_ += static_cast<std::size_t>(written);
}

std::string RocksLogFile::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace freshet::storage
