"""The content that travels with the harness: finding its folders and reading its YAML files."""

from tce_harness.content.folders import FOLDERS, Content
from tce_harness.content.yaml_file import FileModel, YamlFile, load_yaml, near_match, read_yaml, spell_path

__all__ = [
    "FOLDERS",
    "Content",
    "FileModel",
    "YamlFile",
    "load_yaml",
    "near_match",
    "read_yaml",
    "spell_path",
]
