#include "core/column_codec.h"

#include <optional>
#include <string>
#include <utility>

#include "core/column_text.h"

namespace freshet::core {

void EncodeColumns(const std::vector<Column>& columns, ByteWriter* writer) {
  writer->Varint(columns.size());
  for (const Column& column : columns) {
    writer->String(column.name);
    writer->Number(static_cast<std::uint8_t>(column.value.index()));
    if (const auto* flag = std::get_if<bool>(&column.value)) {
      writer->Number(static_cast<std::uint8_t>(*flag));
    } else {
      writer->String(TextOf(column.value));
    }
  }
}

bool DecodeColumns(ByteReader* reader, std::vector<Column>* columns) {
  const std::uint64_t count = reader->Count(3);  // the shortest column: empty name, type, boolean
  columns->clear();
  columns->reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    Column column;
    column.name = reader->String();
    switch (reader->Number<std::uint8_t>()) {
      case 0:
        column.value = std::string(reader->String());
        break;
      case 1: {
        std::optional<Number> number = Number::Parse(reader->String());
        if (!number) return false;
        column.value = std::move(*number);
        break;
      }
      case 2:
        column.value = reader->Number<std::uint8_t>() != 0;
        break;
      default:
        return false;
    }
    columns->push_back(std::move(column));
  }
  return !reader->failed();
}

}  // namespace freshet::core
