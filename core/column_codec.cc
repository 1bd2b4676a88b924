#include "core/column_codec.h"

#include <string>
#include <utility>

namespace freshet::core {

void EncodeColumns(const std::vector<Column>& columns, ByteWriter* writer) {
  writer->Varint(columns.size());
  for (const Column& column : columns) {
    writer->String(column.name);
    writer->Number(static_cast<std::uint8_t>(column.value.index()));
    if (const auto* text = std::get_if<std::string>(&column.value)) {
      writer->String(*text);
    } else if (const auto* number = std::get_if<double>(&column.value)) {
      writer->Number(*number);
    } else {
      writer->Number(static_cast<std::uint8_t>(std::get<bool>(column.value)));
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
      case 1:
        column.value = reader->Number<double>();
        break;
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
