import Foundation
import FuzzedDecoders
import Testing

/// What fuzzing found interesting is read again; see scripts/fuzz.
@Suite struct CorpusTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Corpus")

  private func corpus(_ decoder: FuzzedDecoder) throws -> [[UInt8]] {
    let folder = Self.folder.appending(path: decoder.rawValue)
    return try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
      .map { [UInt8](try Data(contentsOf: folder.appending(path: $0))) }
  }

  @Test(arguments: FuzzedDecoder.allCases)
  func `every input of the corpus is read, and every one cut short`(
    decoder: FuzzedDecoder
  ) throws {
    let inputs = try corpus(decoder)
    #expect(inputs.count >= 5)
    for input in inputs {
      decoder.read(input)
      decoder.read(Array(input.prefix(input.count / 2)))
      decoder.read(Array(input.reversed()))
    }
    decoder.read([])
  }

  @Test func `there is a corpus of every decoder and none else`() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path()).sorted()
    #expect(folders == FuzzedDecoder.allCases.map(\.rawValue).sorted())
  }
}
