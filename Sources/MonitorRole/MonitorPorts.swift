package import AlertRules
package import RiskModel
package import Supervision

// The monitor is one synchronous object. Everything outside comes through these protocols, and what
// happens outside is told by calling a method of `MonitorRole`, always on the same thread.

/// The log files. A file that cannot be written is the port's to complain about.
package protocol LogShelf: AnyObject {
  func write(_ line: [UInt8], to file: LogFile, at: Instant)
}

/// What screens are shown.
package protocol ScreenFeed: AnyObject {
  /// The JSON text of whoever sent it, unread.
  func publish(topic: String, body: String, from source: TelemetrySource)
}

/// A feed without anybody to read it.
package final class EmptyScreenFeed: ScreenFeed {
  package init() {}
  package func publish(topic: String, body: String, from source: TelemetrySource) {}
}

/// Where metrics are kept. What cannot be kept is the port's to complain about.
package protocol MetricsBook: AnyObject {
  func record(_ samples: [Measurements.Sample], at: Instant)
  /// How far counts had come, oldest first; none where nothing can be read.
  func counts(_ metrics: [MetricName], since: Instant) -> [KeptCount]
  /// Forgets what is older.
  func forget(before: Instant)
}

/// The channels beside the alert's file. What cannot be delivered is the port's to complain about;
/// nothing waits for it.
package protocol AlertChannels: AnyObject {
  func deliver(_ notice: AlertNotice)
}

package protocol MachineWatch: AnyObject {
  func figures() -> MachineFigures
}

/// Everything outside the role.
package struct MonitorPorts {
  package var clock: any Clock
  package var logs: any LogShelf
  package var screens: any ScreenFeed
  /// `nil` where nothing is kept.
  package var metrics: (any MetricsBook)?
  package var alerts: (any AlertChannels)?
  package var machine: (any MachineWatch)?

  package init(
    clock: any Clock, logs: any LogShelf, screens: any ScreenFeed = EmptyScreenFeed(),
    metrics: (any MetricsBook)? = nil, alerts: (any AlertChannels)? = nil,
    machine: (any MachineWatch)? = nil
  ) {
    self.clock = clock
    self.logs = logs
    self.screens = screens
    self.metrics = metrics
    self.alerts = alerts
    self.machine = machine
  }
}
