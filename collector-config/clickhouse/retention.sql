-- How long data is kept, and when it moves to cheaper disks. Change the numbers of days, and run the statements again.
-- The table moves data to the volume `cold` of the storage policy `spankit`, which storage.yaml defines, for example on an object store.
-- Leave the TO VOLUME lines and the storage policy out if there is only one kind of disk.
-- A minute of a busy operation takes about 350 bytes on disk, which is 15 MB in 30 days, and an hour about 700 bytes, 6 MB in a year.
-- Tested: SQLTests runs the statements in chDB with a cold volume in another folder. Old parts move there, and are deleted after their time.
ALTER TABLE otel_traces MODIFY SETTING storage_policy = 'spankit';
ALTER TABLE otel_traces MODIFY TTL
    toDateTime(Timestamp) + INTERVAL 2 DAY TO VOLUME 'cold',
    toDateTime(Timestamp) + INTERVAL 14 DAY DELETE;
ALTER TABLE otel_traces_trace_id_ts MODIFY TTL Start + INTERVAL 14 DAY;
ALTER TABLE otel_metrics_exp_histogram MODIFY TTL toDateTime(TimeUnix) + INTERVAL 30 DAY;
ALTER TABLE spankit_histograms MODIFY TTL Minute + INTERVAL 30 DAY;
ALTER TABLE spankit_histograms_hour MODIFY TTL Minute + INTERVAL 5 YEAR;
