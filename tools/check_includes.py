#!/usr/bin/env python3
"""Finds standard names whose header is included by luck only.

  check_includes.py [ROOT]     prints FILE:LINE: NAME needs <HEADER>, and exits 1 if there is any

A file may use a name of the standard library when its header is included by the file itself or by one
of our own headers that it includes. That some header of the compiler or of a library brings it along
does not count: the next version of the compiler does not.
"""

import functools
import pathlib
import re
import sys

FOLDERS = ["core", "storage", "config", "daemon", "tools", "tests"]
SKIPPED = {"build", "node_modules"}

NAMES = {
    "algorithm": r"std::(?:ranges::)?(?:sort|stable_sort|partial_sort|nth_element|find_if|find|any_of|all_of|none_of|count_if|"
                 r"transform|lower_bound|upper_bound|equal_range|binary_search|max_element|min_element|"
                 r"fill|fill_n|copy|copy_if|copy_n|reverse|unique|remove_if|rotate|min|max|clamp|"
                 r"push_heap|pop_heap|make_heap|is_sorted|equal)\b",
    "array": r"std::array\b",
    "atomic": r"std::(?:atomic|atomic_\w+|memory_order\w*)\b",
    "bit": r"std::(?:bit_cast|bit_ceil|bit_width|popcount|countr_zero|countl_zero|has_single_bit)\b",
    "charconv": r"std::(?:from_chars|to_chars)\b",
    "chrono": r"std::chrono\b",
    "cmath": r"std::(?:sqrt|log|log2|log1p|exp|exp2|pow|isfinite|isnan|floor|ceil|lround|llround|fabs|ldexp|fmod|nextafter)\b",
    "condition_variable": r"std::condition_variable\b",
    "cstdint": r"\bu?int(?:8|16|32|64|ptr)_t\b|\bU?INT(?:8|16|32|64)_(?:MAX|MIN)\b",
    "cstdio": r"std::(?:printf|fprintf|snprintf|perror|fopen|fclose|fputs|fputc|fflush|fread|fwrite|FILE|remove|rename)\b",
    "cstdlib": r"std::(?:getenv|exit|abort|strtol|strtod|strtoull|malloc|free|atoi|_Exit|quick_exit)\b",
    "cstring": r"std::(?:memcpy|memcmp|memset|memmove|memchr|strlen|strcmp|strerror|strncmp)\b",
    "deque": r"std::deque\b",
    "exception": r"std::(?:exception|exception_ptr|current_exception|terminate)\b",
    "filesystem": r"std::filesystem\b",
    "fstream": r"std::(?:i|o)?fstream\b",
    "functional": r"std::(?:function|greater|less|hash|ref|cref|bind)\b",
    "future": r"std::(?:future|promise|async|packaged_task)\b",
    "iostream": r"std::(?:cout|cerr|cin|clog)\b",
    "limits": r"std::numeric_limits\b",
    "list": r"std::list\b",
    "map": r"std::(?:multi)?map\b",
    "memory": r"std::(?:unique_ptr|shared_ptr|weak_ptr|make_unique|make_shared|enable_shared_from_this|addressof)\b",
    "mutex": r"std::(?:mutex|lock_guard|unique_lock|scoped_lock|once_flag|call_once)\b",
    "new": r"std::(?:bad_alloc|nothrow|align_val_t)\b",
    "numeric": r"std::(?:accumulate|iota|inner_product|reduce|partial_sum|gcd|lcm)\b",
    "optional": r"std::(?:optional|nullopt|make_optional)\b",
    "queue": r"std::(?:queue|priority_queue)\b",
    "random": r"std::(?:mt19937\w*|\w+_distribution|random_device)\b",
    "set": r"std::(?:multi)?set\b",
    "span": r"std::span\b",
    "sstream": r"std::[io]?stringstream\b",
    "stdexcept": r"std::(?:runtime_error|logic_error|invalid_argument|out_of_range|length_error)\b",
    "string": r"std::(?:string|to_string|getline|stoi|stol|stoul|stoull|stod)\b(?!_view)",
    "string_view": r"std::string_view\b",
    "thread": r"std::(?:j?thread|this_thread)\b",
    "tuple": r"std::(?:tuple|tie|make_tuple|apply|forward_as_tuple)\b",
    "unordered_map": r"std::unordered_(?:multi)?map\b",
    "unordered_set": r"std::unordered_(?:multi)?set\b",
    "utility": r"std::(?:move|forward|pair|make_pair|exchange|swap|as_const|in_place)\b",
    "variant": r"std::(?:variant|visit|get_if|holds_alternative|monostate)\b",
    "vector": r"std::vector\b",
}
PATTERNS = {header: re.compile(pattern) for header, pattern in NAMES.items()}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
# A C header gives the same names outside std as well.
SAME = {"stdint.h": "cstdint", "string.h": "cstring", "stdlib.h": "cstdlib", "stdio.h": "cstdio"}


@functools.cache
def text_of(path):
    return path.read_text(encoding="utf-8")


@functools.cache
def standard_headers(root, path):
    """Headers in <> that `path` includes, itself or through our own headers."""
    seen, todo, found = {path}, [path], set()
    while todo:
        for kind, included in INCLUDE.findall(text_of(todo.pop())):
            if kind == "<":
                found.add(SAME.get(included, included))
            elif (ours := root / included).is_file() and ours not in seen:
                seen.add(ours)
                todo.append(ours)
    return found


def code_lines(path):
    text = re.sub(r"/\*.*?\*/", lambda match: "\n" * match.group().count("\n"), text_of(path),
                  flags=re.DOTALL)
    for number, line in enumerate(text.splitlines(), 1):
        if not line.lstrip().startswith("#"):
            yield number, re.sub(r'"(\\.|[^"\\])*"', '""', line).split("//", 1)[0]


def missing(root, path):
    present = standard_headers(root, path)
    reported = set()
    for number, line in code_lines(path):
        for header, pattern in PATTERNS.items():
            if header in present or header in reported:
                continue
            if name := pattern.search(line):
                reported.add(header)
                yield f"{path.relative_to(root)}:{number}: {name.group()} needs <{header}>"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    breaches, files = [], 0
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".h", ".cc"} and not SKIPPED & set(path.relative_to(root).parts):
                files += 1
                breaches += missing(root, path)
    print("\n".join(breaches))
    print(f"{files} files, {len(breaches)} headers missing")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
