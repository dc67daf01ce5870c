import Glibc
package import RiskModel
import SimulatedVenue

// The file of samples: comma-separated values, one line per sample.
//
//   seconds     since the first sample
//   quotes      that the venue has sent since its start
//   NAME        memory of that process's own in bytes, in the order of the head line; pages of files
//               are left out: its part of those of a shared library grows when a neighbour ends
//   sum         of the processes

/// Hours of quotes in short: memory of every process of riskd while quotes come at a steady rate
/// with a burst every minute.
package struct EnduranceRun {
  package static let quotesPerSecond = 130
  /// In a burst this many times as many quotes come.
  package static let burstFactor = 10
  static let burstInterval = TimeSpan.seconds(60)
  static let burstDuration = TimeSpan.seconds(5)
  static let sampleInterval = TimeSpan.seconds(5)

  package var program: String
  package var duration: TimeSpan
  package var samplesFile: String

  package init(program: String, duration: TimeSpan, samplesFile: String) {
    self.program = program
    self.duration = duration
    self.samplesFile = samplesFile
  }

  /// What the samples of one process, or of their sum, say.
  package struct Course: Equatable, Sendable {
    package var name: String
    package var firstBytes: Int64
    package var lastBytes: Int64
    package var mostBytes: Int64
    /// Bytes an hour, of the straight line that is nearest to the second half of the samples.
    package var bytesPerHour: Double
  }

  package struct Outcome: Sendable {
    package var courses: [Course]
    package var flatness: Flatness
    package var samples: Int
    package var quotes: Int
  }

  /// Holds one lot whose quotes come, samples, and writes each sample at once.
  ///
  /// - Throws: When riskd cannot be started or the file not be written, and when a worker died:
  ///   its memory begins anew, so the figures would say nothing.
  package func run(tell: (String) -> Void) throws(BenchmarkError) -> Outcome {
    let system = try BenchmarkSystem(program: program)
    defer { system.end() }
    let processes = try system.riskd.processes()
    try ReportFile.write(
      "seconds,quotes,\(processes.map(\.name).joined(separator: ",")),sum\n", to: samplesFile)
    try system.holdOneLot(withQuotes: Self.quotesPerSecond)
    let time = Stopwatch()
    var samples = Samples(names: processes.map(\.name))
    var nextBurst = Self.burstInterval
    while time.elapsed < duration {
      let moment = time.elapsed
      if moment >= nextBurst {
        nextBurst = nextBurst + Self.burstInterval
        system.venue.startTraffic(
          TrafficPlan(
            account: BenchmarkSystem.account, contract: BenchmarkSystem.mes,
            quotesPerSecond: Self.quotesPerSecond * (Self.burstFactor - 1),
            duration: Self.burstDuration))
      }
      var bytes: [Int64] = []
      for process in processes {
        bytes.append(try ProcessMemory.ofProcess(process.pid).anonymousBytes)
      }
      samples.add(bytes, at: moment)
      let sum = bytes.reduce(0, +)
      let quotes = system.venue.counters.marketEvents
      let figures = ([Int64(moment.milliseconds / 1_000), Int64(quotes)] + bytes + [sum])
        .map(String.init).joined(separator: ",")
      try SystemFile.write(figures + "\n", to: samplesFile)
      tell("\(moment.milliseconds / 1_000) s, \(quotes) quotes, \(sum) bytes")
      let left = Self.sampleInterval - (time.elapsed - moment)
      if left > .zero { usleep(UInt32(left.nanos / 1_000)) }
    }
    for (before, after) in zip(processes, try system.riskd.processes())
    where before.pid != after.pid {
      throw .processFailed("the \(before.name) died under way")
    }
    return Outcome(
      courses: samples.courses, flatness: samples.flatness, samples: samples.count,
      quotes: system.venue.counters.marketEvents)
  }
}

extension EnduranceRun.Outcome {
  /// A table for people.
  package var text: String {
    func megabytes(_ bytes: Double) -> String { ReportText.decimal(bytes / 1e6, digits: 2) }
    let rows = courses.map { course in
      [
        course.name, megabytes(Double(course.firstBytes)), megabytes(Double(course.lastBytes)),
        megabytes(Double(course.mostBytes)), megabytes(course.bytesPerHour),
      ]
    }
    return ReportText.table(["own, in MB", "first", "last", "most", "per hour"], rows)
      .joined(separator: "\n")
      + "\n\(samples) samples, \(quotes) quotes; per hour: of the second half of the samples\n\(flatness)\n"
  }
}
