SELECT body FROM archive.log;
