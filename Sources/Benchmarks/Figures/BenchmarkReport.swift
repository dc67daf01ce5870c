// The JSON form of a report is an interface: keys are only ever added.
//
//   benchmark      "riskbench"
//   release        of riskd
//   build          how riskbench was built: "release" or "debug"
//   riskd          how the riskd that was measured was built: "release", "debug" or "unknown"; absent
//                  when no stage needed it
//   quick          whether the short form ran
//   seconds        how long the run took
//   machine        cores, processor, kernel, memoryBytes, loadBefore and loadAfter (1, 5, 15 minutes)
//   figures        list of {name, title, unit, value?, must?, aim?, floor?, floorName?, ratio?,
//                  verdict, detail?}. unit is "ns", "1/s", "bytes", "count" or "share"; value, must,
//                  aim and floor are in it. ratio is value / floor. verdict is "aim", "must", "missed",
//                  "short" (no must, aim not reached), "free" (nothing asked for) or "unmeasured"
//   distributions  list of {name, title, runs, count, p50, p99, p999, max}, spans in nanoseconds. With
//                  more than one run p50, p99 and p999 are medians of the runs, max is of all
//   processes      list of {name, moment, residentBytes, proportionalBytes}; moment is "start" or
//                  "events"
//   notes          what a reader must know, as text

import RiskModel

/// Everything that a run of riskbench found.
package struct BenchmarkReport: Equatable, Sendable, Codable {
  package var benchmark = "riskbench"
  package var release: String
  package var build: BuildKind
  package var riskd: BuildKind?
  package var quick: Bool
  package var seconds: Double = 0
  package var machine: MachineFacts
  package var figures: [Figure] = []
  package var distributions: [Distribution] = []
  package var processes: [ProcessEntry] = []
  package var notes: [String] = []

  package init(release: String, build: BuildKind, quick: Bool, machine: MachineFacts) {
    self.release = release
    self.build = build
    self.quick = quick
    self.machine = machine
  }

  package enum BuildKind: String, Sendable, Codable {
    case release
    case debug
    case unknown

    /// How this program was built.
    package static var own: BuildKind {
      #if DEBUG
        .debug
      #else
        .release
      #endif
    }
  }

  package struct Distribution: Equatable, Sendable, Codable {
    package var name: String
    package var title: String
    package var runs: Int
    package var count: Int
    package var p50: Int64
    package var p99: Int64
    package var p999: Int64
    package var max: Int64

    package init(_ name: String, _ title: String, _ percentiles: Percentiles, runs: Int = 1) {
      self.name = name
      self.title = title
      self.runs = runs
      count = percentiles.count
      p50 = percentiles.p50.nanos
      p99 = percentiles.p99.nanos
      p999 = percentiles.p999.nanos
      max = percentiles.max.nanos
    }
  }

  package struct ProcessEntry: Equatable, Sendable, Codable {
    package var name: String
    package var moment: String
    package var residentBytes: Int64
    package var proportionalBytes: Int64

    package init(name: String, moment: String, _ memory: ProcessMemory) {
      self.name = name
      self.moment = moment
      residentBytes = memory.residentBytes
      proportionalBytes = memory.proportionalBytes
    }
  }

  /// Whether something that the specification asks for does not hold.
  package var hasMissed: Bool { figures.contains { $0.verdict == .missed } }

  /// Whether something that was asked for could not be measured.
  package var isIncomplete: Bool { figures.contains { $0.verdict == .unmeasured } }
}
