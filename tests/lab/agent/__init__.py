"""What configmgr_client.py can do: behave as a genuine client, or as well-known tools do."""
