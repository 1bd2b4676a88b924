// Matrices in NumPy's file format: what numpy.save writes and numpy.load reads.
//
// Only two-dimensional arrays of little-endian float32 in C order (numpy.lib.format, versions 1 to
// 3). Errors name the file and the fault; what is wrong with the content is kCorruption.
#pragma once

#include <string>

#include "core/factors/factor_matrix.h"
#include "core/result.h"

namespace freshet::storage {

// A file that is longer or shorter than its header says is refused before memory is taken for it.
// So is a value that is not finite or so large (1e9) that sums over products would not be.
core::Result<core::FactorMatrix> ReadNpy(const std::string& path);

// Creates the file and makes it durable.
core::Status WriteNpy(const std::string& path, const core::FactorMatrix& matrix);

}  // namespace freshet::storage
