"""The app: a laboratory bench in the terminal. It shows and takes orders; what computes runs on other threads."""
