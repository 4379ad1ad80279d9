complete --keep-order --exclusive --command rdvctl --arguments "(COMPLETE=fish rdvctl -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
