"""What people and scripts see: pages, their JSON twins, drawings."""
