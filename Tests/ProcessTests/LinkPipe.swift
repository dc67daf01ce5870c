import Foundation
import Glibc
import RiskModel
import Supervision

/// A pipe that a worker reads or writes, found from outside; opening it needs root.
struct LinkPipe: Hashable {
  enum End: Int32 {
    case read
    case write
  }

  /// As the kernel names it: `pipe:[NUMBER]`.
  let name: String
  private let path: String

  /// Those of a process that are no standard stream.
  static func all(_ end: End, of pid: Int32) throws -> [LinkPipe] {
    let folder = "/proc/\(pid)/fd"
    return try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { number in
      let path = "\(folder)/\(number)"
      guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path),
        target.hasPrefix("pipe:"), let flags = flags(pid, number),
        flags & O_ACCMODE == (end == .read ? O_RDONLY : O_WRONLY), Int(number) ?? 0 > 2
      else { return nil }
      return LinkPipe(name: target, path: path)
    }
  }

  /// The one on which `sender` writes and `receiver` reads.
  static func joining(_ sender: Int32, to receiver: Int32) throws -> LinkPipe? {
    let written = Set(try all(.write, of: sender).map(\.name))
    return try all(.read, of: receiver).first { written.contains($0.name) }
  }

  /// Adds bytes; returns whether all of them found room.
  func write(_ bytes: [UInt8]) -> Bool {
    let descriptor = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return Glibc.write(descriptor, bytes, bytes.count) == bytes.count
  }

  /// How much waits for the reader, in bytes.
  var waiting: Int32 {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return 0 }
    defer { close(descriptor) }
    var count: Int32 = 0
    return ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? count : 0
  }

  /// Takes everything out that waits for the reader.
  func take() -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var taken: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
      taken += buffer.prefix(count)
    }
    return taken
  }

  /// Changes what waits for a reader that stands still, as soon as `body` finds in it what it needs.
  ///
  /// The sender stands still in the meantime: what it wrote between taking and putting back would
  /// come before what it wrote earlier.
  ///
  /// - Parameters:
  ///   - sender: The process that writes on the pipe.
  ///   - limit: How long to wait for what `body` needs.
  ///   - body: Returns whether it has changed the frames; else all goes back as it was.
  /// - Returns: Whether something was changed.
  /// - Throws: `StageFailure` when what was taken finds no room any more.
  func change(
    from sender: Int32, atMost limit: TimeSpan, _ body: (inout LinkFrames) -> Bool
  ) throws -> Bool {
    try StageClock.poll(atMost: limit) {
      defer { Standstill.end(of: sender) }
      guard Standstill.begin(of: sender) else { return false }
      let taken = take()
      var changed: [UInt8]?
      if var frames = LinkFrames(taken), body(&frames) { changed = frames.bytes }
      guard write(changed ?? taken) else {
        throw StageFailure("what was in the pipe does not fit any more")
      }
      return changed != nil
    }
  }

  private static func flags(_ pid: Int32, _ number: String) -> Int32? {
    guard
      let text = try? String(contentsOfFile: "/proc/\(pid)/fdinfo/\(number)", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags:") })
    else { return nil }
    return Int32(line.dropFirst("flags:".count).trimmingCharacters(in: .whitespaces), radix: 8)
  }
}

extension RiskdStage {
  /// Writes nonsense into every pipe that the worker sends on.
  func spoilPipes(of worker: WorkerName, with nonsense: String) throws {
    guard let pid = pid(of: worker) else {
      throw StageFailure("the \(worker.rawValue) has no process")
    }
    let spoiled = try LinkPipe.all(.write, of: pid).count { $0.write(Array(nonsense.utf8)) }
    guard spoiled > 0 else { throw StageFailure("no pipe of the \(worker.rawValue) was found") }
  }
}
