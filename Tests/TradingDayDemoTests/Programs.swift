import FoundationEssentials
import Glibc
import Testing

@testable import TradingDayDemo

/// A program that stands in for riskd: a shell script in a folder of its own.
final class StandIn {
  let folder: String
  var path: String { folder + "/riskd" }

  init(_ script: String) throws {
    var template = Array("/tmp/riskd-stand-in-XXXXXX".utf8CString)
    folder = String(cString: try #require(mkdtemp(&template)))
    let file = try #require(fopen(path, "w"))
    fputs("#!/bin/sh\n\(script)\n", file)
    fclose(file)
    try #require(chmod(path, 0o700) == 0)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }
}

/// Collects what the demonstration writes.
final class Transcript {
  var text = ""
  /// Called with every piece; `false` is a reader who has gone.
  var onText: (String) -> Bool = { _ in true }

  func write(_ piece: String) -> Bool {
    text += piece
    return onText(piece)
  }

  /// The temporary folder that it names, if it does.
  var root: String? {
    text.firstMatch(of: /\/[^ ]*riskd-demo-[A-Za-z0-9]{6}/).map { String($0.output) }
  }
}

/// The programs beside this one, as `swift build` leaves them.
enum BuiltPrograms {
  static var folder: String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &path, path.count)
    let own = String(
      decoding: path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return own.lastIndex(of: "/").map { String(own[..<$0]) } ?? "."
  }

  static var riskd: String { folder + "/riskd" }
  static var risksim: String { folder + "/risksim" }

  /// Whether tests may leave out what needs a program that is not built.
  static var maySkip: Bool { getenv("CI").map { String(cString: $0) } != "true" }

  static func isBuilt(_ path: String) -> Bool { access(path, X_OK) == 0 }

  /// Whether a test that needs the program runs: when it is there, and also when it must be.
  static func isWanted(_ path: String) -> Bool { isBuilt(path) || !maySkip }
}
