/// What a run leaves behind for its reader.
package enum ReportFile {
  /// In place of what is there.
  package static func write(_ text: String, to path: String) throws(BenchmarkError) {
    SystemFile.remove([path])
    try SystemFile.write(text, to: path)
  }
}
