@_exported import Percentiles
@_exported import Recording
@_exported import Reports
