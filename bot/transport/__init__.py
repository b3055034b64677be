"""What `bot.http` is made of: buckets, queues, retries, bodies and the reading of answers."""
