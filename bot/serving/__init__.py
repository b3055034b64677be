"""The service behind `kopir run`: one desk per school, fed by schedules, watched folders and the gateway."""
