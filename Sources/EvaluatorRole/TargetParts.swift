package import RiskModel

/// A set of targets in parts that each fit a frame of the link, in their order.
///
/// What a target takes on the wire is not known before it is written, so its parts are counted, each
/// with more bytes than it has taken.
package struct TargetParts {
  /// Of the 256 KiB of a frame.
  static let bytes = 200_000
  private static let bytesOfTarget = 700
  private static let bytesOfBaseline = 80
  private static let bytesOfEpisode = 200
  private static let bytesOfOrder = 24

  package private(set) var all: [[Target]] = []

  package init(_ targets: [Target]) {
    var room = 0
    for target in targets {
      let bytes = Self.mostBytes(of: target)
      if bytes > room || all.isEmpty {
        all.append([])
        room = Self.bytes
      }
      all[all.count - 1].append(target)
      room -= bytes
    }
  }

  static func mostBytes(of target: Target) -> Int {
    var bytes = bytesOfTarget
    if case .noNewExposure(let baselines) = target.goal {
      bytes += baselines.count * bytesOfBaseline
    }
    for episode in target.episodes ?? [] {
      bytes += bytesOfEpisode + (episode.leftovers?.count ?? 0) * bytesOfOrder
    }
    return bytes
  }
}
