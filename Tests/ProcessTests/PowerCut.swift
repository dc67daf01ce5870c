import Foundation
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import Supervision

/// A machine whose plug can be pulled: what was not synchronised to the disk may be gone afterwards.
/// power_cut.c, loaded into riskd's processes, keeps what their writes replaced.
struct PowerCut {
  private static let sector = 512

  private struct Write {
    var offset: Int
    var sizeBefore: Int
    var count: Int
    var old: [UInt8]
  }

  private let folder: String

  /// Cuts what is below this folder.
  init(_ folder: String) {
    self.folder = folder
    mkdir(logs, 0o700)
  }

  private var logs: String { folder + "/.power-cut" }

  static var isBuilt: Bool { access(library, R_OK) == 0 }

  private static var library: String { RiskdProgram.folder + "/libPowerCut.so" }

  /// Whether what is below the folder can be written.
  func setReadOnly(_ isReadOnly: Bool) throws {
    let path = logs + "/read-only"
    if !isReadOnly { return _ = unlink(path) }
    let number = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw StageFailure("\(path) cannot be made") }
    close(number)
  }

  /// What riskd has to be started with.
  var environment: [String: String] {
    ["LD_PRELOAD": PowerCut.library, "POWER_CUT_FOLDER": folder]
  }

  /// After everything that writes is dead: of every file a part of what was not synchronised is
  /// forgotten. Overwritten sectors are each there or not; a file that grew ends anywhere.
  ///
  /// - Returns: How many writes were at stake, by the name of their file.
  func apply(with generator: inout RiskTestKit.SeededGenerator) throws -> [String: Int] {
    var atStake: [String: Int] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
    where !path.hasPrefix(".power-cut") {
      var status = stat()
      guard lstat(folder + "/" + path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        continue
      }
      let writes = try writes(of: status.st_ino)
      guard !writes.isEmpty else { continue }
      try forget(writes, of: folder + "/" + path, with: &generator)
      atStake[path] = writes.count
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: logs) {
      unlink(logs + "/" + name)
    }
    return atStake
  }

  private func forget(
    _ writes: [Write], of path: String, with generator: inout RiskTestKit.SeededGenerator
  ) throws {
    let file = open(path, O_RDWR | O_CLOEXEC)
    guard file >= 0 else { throw StageFailure("\(path) cannot be opened") }
    defer { close(file) }
    for write in writes.reversed() {
      var begin = 0
      while begin < write.old.count {
        let end = min(write.old.count, begin + PowerCut.sector)
        if generator.chance(50) {
          let count = write.old[begin..<end].withUnsafeBytes {
            pwrite(file, $0.baseAddress, $0.count, off_t(write.offset + begin))
          }
          guard count == end - begin else { throw StageFailure("\(path) cannot be written") }
        }
        begin = end
      }
    }
    var status = stat()
    fstat(file, &status)
    let grown = Int(status.st_size) - writes[0].sizeBefore
    if grown > 0, ftruncate(file, off_t(writes[0].sizeBefore + generator.below(grown + 1))) != 0 {
      throw StageFailure("\(path) cannot be cut")
    }
  }

  private func writes(of inode: ino_t) throws -> [Write] {
    guard let data = FileManager.default.contents(atPath: "\(logs)/\(inode)") else { return [] }
    var writes: [Write] = []
    var rest = data[...]
    while !rest.isEmpty {
      let head = (0..<4).map { number in
        rest.dropFirst(8 * number).prefix(8).enumerated().reduce(0) {
          $0 | Int($1.element) << (8 * $1.offset)
        }
      }
      guard rest.count >= 32 + head[3] else { throw StageFailure("a torn undo log") }
      writes.append(
        Write(
          offset: head[0], sizeBefore: head[1], count: head[2],
          old: Array(rest.dropFirst(32).prefix(head[3]))))
      rest = rest.dropFirst(32 + head[3])
    }
    return writes
  }
}

extension RiskdStage {
  /// Kills everything of riskd at once.
  func killEverything() throws {
    let workers = pids
    Glibc.kill(riskd.pid, SIGKILL)
    for pid in workers.values { Glibc.kill(pid, SIGKILL) }
    _ = try riskd.end(within: .seconds(5))
    try wait(for: "the end of every process") {
      workers.values.allSatisfy { Glibc.kill($0, 0) != 0 }
    }
  }
}
