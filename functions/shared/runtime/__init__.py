"""What any program of ours needs: settings, logs, traces, and connections that end in time."""
