// A generation on disk: a folder of plain files that NumPy and a text editor can read and write.
//
//   DIR/manifest.json       what the factors are (storage/generation_manifest.h)
//   DIR/item_ids.txt        one id a line (storage/id_list.h)
//   DIR/item_factors.npy    float32, items × dimension, C order (storage/npy.h)
//   DIR/user_ids.txt, DIR/user_factors.npy    the same of users, where there are any
//   DIR/user_gramian.npy    float32, dimension × dimension, where there are users beside those
//
// Other files in the folder are passed over. Functions block on the disk; any thread.
#pragma once

#include <string>

#include "core/factors/generation.h"
#include "core/result.h"
#include "storage/generation_manifest.h"

namespace freshet::storage {

// Reads the whole folder and checks all of it: each file by itself, and that they agree with each
// other. Errors name the file and the fault: kNotFound when there is no folder or a file of it is
// missing, kCorruption when the content is wrong, kIo.
core::Result<core::Generation> ReadGeneration(const std::string& folder);

// Only what the manifest says, without the factors. The same errors.
core::Result<ManifestFile> ReadGenerationManifest(const std::string& folder);

// Creates `folder`, whole and durable or not at all: it is written aside as FOLDER.new, of which an
// older one is removed, and renamed. kInvalidArgument when something is at `folder` already,
// kExhausted when the disk is full.
// REQUIRES: the generation would pass ReadGeneration; one writer to a folder at a time.
core::Status WriteGeneration(const core::Generation& generation, const std::string& folder);

}  // namespace freshet::storage
