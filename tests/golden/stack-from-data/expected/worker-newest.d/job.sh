job: echo
