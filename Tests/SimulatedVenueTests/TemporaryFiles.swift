import Glibc
import Testing

/// Writes a file that is removed when the test is done with it.
func withTemporaryFile(_ text: String, _ body: (String) throws -> Void) throws {
  var template = Array("/tmp/simulated-venue-XXXXXX".utf8CString)
  let descriptor = mkstemp(&template)
  try #require(descriptor >= 0)
  let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  defer { unlink(path) }
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    try #require(count > 0)
    bytes.removeFirst(count)
  }
  close(descriptor)
  try body(path)
}
