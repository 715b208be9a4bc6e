"""The site system roles that configmgr_server.py can play, one file each."""
